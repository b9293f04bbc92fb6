"""Records of many viewers, kept small: the ledger never forgets, and a goal may have a hundred of them.

With more than `MANY` viewers the ledger keeps their ids as ObjectIds, and what it has of each viewer as lists in
the order of `viewers`, compressed; with fewer all of it reads in MongoDB's shell as it does in the API.
"""

import zlib
from collections.abc import Mapping
from typing import Any

import bson
from bson import CodecOptions, ObjectId

MANY = 16
MAX_BYTES = 64 * 1024  # of a hundred permissions, uncompressed

_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
_NAMES = ("nbf", "duration", "exp")
_BY_VIEWER = ("permissions", "before", "taken_back")


class NotExpandable(Exception):
    """Another hand was in it."""


def compact_viewers(viewers: list[str]) -> list[str] | list[ObjectId]:
    """The viewers of an extension, as its record keeps them."""
    return viewers if len(viewers) <= MANY else [ObjectId(viewer) for viewer in viewers]


def compact_by_viewer(values: Mapping[str, Any]) -> Mapping[str, Any] | bytes:
    """Each viewer's permission, or seconds, in the order of the record's `viewers`, as the record keeps them."""
    if len(values) <= MANY:
        return values
    rows = [[each.get(name) for name in _NAMES] if isinstance(each, dict) else each for each in values.values()]
    return zlib.compress(bson.encode({"": rows}))


def expanded(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with viewers as text, and what it has of each by viewer.

    :raises NotExpandable: what is compressed there is not what this program wrote.
    """
    viewers = record.get("viewers")
    if not isinstance(viewers, list) or len(viewers) <= MANY:
        return record
    ids = list(map(str, viewers))
    found = {name: _expanded(ids, record[name]) for name in _BY_VIEWER if name in record}
    return {**record, "viewers": ids, **found}


def _expanded(viewers: list[str], value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        # No more than it can be, whatever another hand has put there.
        rows = bson.decode(zlib.decompressobj().decompress(value, MAX_BYTES), _OPTIONS)[""]
        values = [dict(zip(_NAMES, each, strict=True)) if isinstance(each, list) else each for each in rows]
        return dict(zip(viewers, values, strict=True))
    except (zlib.error, bson.errors.InvalidBSON, KeyError, TypeError, ValueError):
        raise NotExpandable from None
