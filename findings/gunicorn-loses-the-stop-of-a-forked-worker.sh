#!/usr/bin/env bash
# gunicorn 27.0.1: a worker that was forked a moment ago does not hear the stop. Until it has set its own handlers it runs
# those of its parent, which put SIGTERM into a queue that only the parent reads. So it goes on to load the app, accepts
# clients although the service is being stopped, and is killed at the end of graceful_timeout with what it was answering.
# A deploy that is taken back at once meets this, and so does a test that stops a server as soon as one worker answers.
# The hook here stands for a slow machine: it makes that moment half a second long.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gunicorn==27.0.1
cd "$folder"
cat >app.py <<'PYTHON'
def app(environ, start_response):
    start_response("200 OK", [])
    return [b"ok\n"]
PYTHON
cat >slow.py <<'PYTHON'
import time

graceful_timeout = 4


def post_fork(server, worker):
    print("forked", flush=True)
    time.sleep(0.5)
PYTHON
cat >quick.py <<'PYTHON'
graceful_timeout = 4


def post_worker_init(worker):
    print("forked", flush=True)
PYTHON
"$folder/venv/bin/python" - <<'PYTHON'
import signal
import socket
import subprocess
import sys
import time


def stop(config):
    """Stop it when the worker is forked: how many seconds that took, and whether a client was accepted on the way."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "app:app", "--config", config, "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout.readline() == "forked\n"
    server.send_signal(signal.SIGTERM)
    began, accepted = time.monotonic(), False
    time.sleep(2)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            accepted = client.recv(100).startswith(b"HTTP/1.1 200 ")
    except OSError:
        pass
    server.wait(timeout=30)
    return time.monotonic() - began, accepted


seconds, accepted = stop("quick.py")
print(f"with its own handlers: a client is served after the stop: {accepted}")
assert not accepted
seconds, accepted = stop("slow.py")
print(f"just forked: a client is served two seconds after the stop: {accepted}; it ended after {seconds:.1f} s")
assert accepted and seconds >= 4, "a worker hears it now, however young"
PYTHON
echo "As it was."
