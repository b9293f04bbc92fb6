"""Ids as other programs write them: an ObjectId, or its 24 lower-case hex digits."""

import re
from typing import Any

from bson import ObjectId

HEX_24 = re.compile(r"[0-9a-f]{24}")


def hex_id(value: Any) -> str | None:
    """The id as 24 lower-case hex digits, or None where `value` is not an id."""
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, str) and HEX_24.fullmatch(value):
        return value
    return None


def either_form(value: str) -> dict[str, list[str | ObjectId]]:
    """The query for a reference that may be stored as text or as an ObjectId."""
    return {"$in": [value, ObjectId(value)]}
