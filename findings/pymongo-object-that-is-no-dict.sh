#!/usr/bin/env bash
# PyMongo 4.20.0 decodes an embedded document that has a text `$ref` and any `$id` (also a null) as a DBRef: wherever
# these stand in it, whatever else it holds, and without being asked to. In BSON, and so for MongoDB's $type, it is a plain
# object (type 3). What a check in the server took for an object is then no dict in Python: it has no `.get`, and its
# other fields are attributes. Without `$id`, or with a `$ref` that is no text, it stays a dict; so does a whole document.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pymongo==4.20.0
"$folder/venv/bin/python" - <<'PYTHON'
import bson
from bson.dbref import DBRef
from bson.son import SON


def seen(*fields):
    encoded = bson.encode({"permission": SON(fields)})
    decoded = bson.decode(encoded)["permission"]
    print(f"{SON(fields).to_dict()!s:58} BSON type {encoded[4]}, decoded as {type(decoded).__name__}")
    assert encoded[4] == 3
    return decoded


for reference in (
    seen(("$ref", "viewer"), ("$id", None)),
    seen(("duration", 300), ("$id", 1), ("exp", 5), ("$ref", "")),
):
    assert isinstance(reference, DBRef) and not isinstance(reference, dict), "it is a dict now"
    assert not hasattr(reference, "items")
assert seen(("duration", 300), ("$ref", "viewer"), ("$id", 1)).duration == 300
for document in (seen(("$ref", "viewer")), seen(("$ref", None), ("$id", 1))):
    assert type(document) is dict, "it is a reference now"
whole = bson.decode(bson.encode(SON([("$ref", "viewer"), ("$id", 1)])))
assert whole == {"$ref": "viewer", "$id": 1}, "a whole document is a reference now"
PYTHON
echo "As it was."
