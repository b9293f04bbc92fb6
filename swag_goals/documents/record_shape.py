"""Whether a record of the ledger is one that can be worked on: another hand may have been in it."""

from collections.abc import Mapping
from datetime import datetime
from types import UnionType
from typing import Any

from bson import ObjectId

from swag_goals.documents.ids import hex_id

Row = Mapping[str, Any]

_NEEDED: dict[str, type] = {
    "streamer_id": ObjectId,
    "goal_id": ObjectId,
    "session_id": ObjectId,
    "viewers": list,
    "duration": int,
    "notify_sd_viewers": bool,
    "requested_at": datetime,
    "nbf": datetime,
    "deadline": datetime,
}
_KNOWN_LATER: dict[str, type] = {
    "due": datetime,
    "applied_nbf": datetime,
    "applied_at": datetime,
    "notified_at": datetime,
    "revision": int,
    "requests": int,
    "retries": int,
    "request_id": str,
    "permissions": dict,
    "before": dict,
    "reason": dict,
    "operations": list,
    "void_of": ObjectId,
    "voided_at": datetime,
    "taken_back": dict,
}
_PERMISSION = {"nbf": datetime, "duration": int | float, "exp": datetime}


def is_readable(row: Row) -> bool:
    """Whether everything in it is of the type that this program writes there."""
    return (
        all(_is(row.get(name), kind) for name, kind in _NEEDED.items())
        and bool(row["viewers"])
        and all(isinstance(viewer, str) and hex_id(viewer) for viewer in row["viewers"])
        and all(row.get(name) is None or _is(row[name], kind) for name, kind in _KNOWN_LATER.items())
        and all(_is_permission(each) for name in ("permissions", "before") for each in (row.get(name) or {}).values())
        and all(_is(seconds, int) for seconds in (row.get("taken_back") or {}).values())
        and {"code", "detail"} <= (row.get("reason") or {"code": "", "detail": ""}).keys()
    )


def _is_permission(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict)
        and all(value.get(name) is None or _is(value[name], kind) for name, kind in _PERMISSION.items())
    )


def _is(value: Any, kind: type | UnionType) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
