#!/usr/bin/env bash
# mongomock 4.3.0 runs an update that is an aggregation pipeline, and passes over `$$NOW`: it answers that the document was
# modified, writes no field for it and raises nothing. So
# a deadline or a stamp by the server's clock is written by MongoDB and by nothing in a test where mongomock stands for it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mongomock==4.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import mongomock

found = mongomock.MongoClient().db.found
found.insert_one({"_id": 1})

answer = found.update_one({"_id": 1}, [{"$set": {"at": "$$NOW", "beside": 1}}]).raw_result
print(f"modified {answer['nModified']}: {found.find_one()}")
assert answer["nModified"] == 1 and "at" not in found.find_one(), "it sets the time now"
PYTHON
echo "As it was."
