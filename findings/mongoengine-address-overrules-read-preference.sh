#!/usr/bin/env bash
# MongoEngine 0.29.3: of what `connect()` is given twice, in the address and as a keyword, the keyword wins for the write
# concern and the address for the read preference: `connect(host="...?readPreference=secondaryPreferred",
# read_preference=ReadPreference.PRIMARY)` reads from secondaries, since MongoEngine parses the address itself and puts
# what it finds there over the keyword. PyMongo alone does it the other way around. So a program that reads its own
# writes, and says so in code, loses that by a setting.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mongoengine==0.29.3 pymongo==4.20.0
"$folder/venv/bin/python" - <<'PYTHON'
import mongoengine
from pymongo import MongoClient, ReadPreference

address = "mongodb://127.0.0.1:1/db?readPreference=secondaryPreferred&w=1"
by_pymongo = MongoClient(address, readPreference="primary", w="majority", connect=False)
by_mongoengine = mongoengine.connect(
    host=address, read_preference=ReadPreference.PRIMARY, w="majority", connect=False
)
for name, client in (("PyMongo", by_pymongo), ("MongoEngine", by_mongoengine)):
    print(f"{name:12} reads by {client.read_preference.name}, writes by {client.write_concern}")

assert by_pymongo.read_preference == ReadPreference.PRIMARY
assert by_mongoengine.read_preference.name == "SecondaryPreferred", "the keyword wins now"
assert by_pymongo.write_concern.document == by_mongoengine.write_concern.document == {"w": "majority"}
PYTHON
echo "As it was."
