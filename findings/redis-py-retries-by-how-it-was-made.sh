#!/usr/bin/env bash
# redis-py 8.1.0: `Redis(host, port)` sends a command up to eleven times, with pauses that grow to seconds, and
# `Redis.from_url(...)` of the same server once. Since nearly everybody has the address as one setting, tests against
# `Redis(port=...)` promise a patience that the deployed program does not have; and where a program is made the first
# way, a command that is not safe to repeat (INCR, LPUSH, EVAL) is repeated after an answer that was lost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0
"$folder/venv/bin/python" - <<'PYTHON'
import socket
import threading

from redis import Redis
from redis.exceptions import ConnectionError

listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
received = []


def serve():
    """Read what comes, and hang up instead of an answer."""
    while True:
        connection, _ = listening.accept()
        with connection:
            while (sent := connection.recv(4096)) and b"INCR" not in sent:
                connection.sendall(b"+OK\r\n" * sent.count(b"*"))
            received.append(sent)


threading.Thread(target=serve, daemon=True).start()


def tries(redis):
    received.clear()
    try:
        redis.incr("sold")
    except ConnectionError:
        return sum(b"INCR" in sent for sent in received)


by_host = tries(Redis(port=port, protocol=2))
by_url = tries(Redis.from_url(f"redis://127.0.0.1:{port}", protocol=2))
print(f"INCR was sent {by_host} times by Redis(port=...), {by_url} times by Redis.from_url(...)")
assert (by_host, by_url) == (11, 1), "they are alike now, or others"
PYTHON
echo "As it was."
