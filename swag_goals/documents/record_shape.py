"""Whether a record of the ledger is one that can be worked on: another hand may have been in it."""

from collections.abc import Mapping
from datetime import datetime
from types import NoneType
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
_TYPES: dict[str, Any] = _NEEDED | {name: (kind, NoneType) for name, kind in _KNOWN_LATER.items()}
_INTEGERS = ("duration", "revision", "requests", "retries")


class UnreadableExtension(Exception):
    """The ledger's record is not as this program wrote it: another hand was in it. The message names it."""


def is_readable(row: Row) -> bool:
    """Whether everything in it is of the type that this program writes there."""
    # Types by `map`, in a third of the time of a generator: an audit or export asks a million records.
    return (
        all(map(isinstance, map(row.get, _TYPES), _TYPES.values()))
        and bool not in map(type, map(row.get, _INTEGERS))  # which is an int by isinstance
        and bool(row["viewers"])
        and all(isinstance(viewer, str) and hex_id(viewer) for viewer in row["viewers"])
        and all(
            each is None or Permission.of(each)
            for name in ("permissions", "before")
            for each in (row.get(name) or {}).values()
        )
        and all(_is_integer(seconds) for seconds in (row.get("taken_back") or {}).values())
        and {"code", "detail"} <= (row.get("reason") or {"code": "", "detail": ""}).keys()
    )


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
