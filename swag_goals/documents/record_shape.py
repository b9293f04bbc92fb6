"""Whether a record of the ledger is one that can be worked on: another hand may have been in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId

from swag_goals.documents.ids import hex_id
from swag_goals.documents.permission import Permission

Row = Mapping[str, Any]

_NEEDED: dict[str, type] = {
    **dict.fromkeys(("streamer_id", "goal_id", "session_id"), ObjectId),
    **dict.fromkeys(("requested_at", "nbf", "deadline"), datetime),
    **{"viewers": list, "duration": int, "notify_sd_viewers": bool},
}
_KNOWN_LATER: dict[str, type] = {
    **dict.fromkeys(("due", "applied_nbf", "applied_at", "notified_at", "voided_at"), datetime),
    **dict.fromkeys(("revision", "requests", "retries"), int),
    **dict.fromkeys(("permissions", "before", "reason", "taken_back"), dict),
    **{"request_id": str, "operations": list, "void_of": ObjectId},
}


class UnreadableExtension(Exception):
    """The ledger's record is not as this program wrote it: another hand was in it. The message names it."""


def is_readable(row: Row) -> bool:
    """Whether everything in it is of the type that this program writes there."""
    return (
        all(_is(row.get(name), kind) for name, kind in _NEEDED.items())
        and bool(row["viewers"])
        and all(isinstance(viewer, str) and hex_id(viewer) for viewer in row["viewers"])
        and all(row.get(name) is None or _is(row[name], kind) for name, kind in _KNOWN_LATER.items())
        and all(
            each is None or Permission.of(each)
            for name in ("permissions", "before")
            for each in (row.get(name) or {}).values()
        )
        and all(_is(seconds, int) for seconds in (row.get("taken_back") or {}).values())
        and {"code", "detail"} <= (row.get("reason") or {"code": "", "detail": ""}).keys()
    )


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
