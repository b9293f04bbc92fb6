"""Whether a record of the ledger can be worked on: everything in it is of the type that the program writes there."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from swag_goals.documents.extension import Extension
from swag_goals.documents.record_shape import UnreadableExtension

VIEWER, ID, NOW = "a" * 24, ObjectId("b" * 24), datetime(2026, 1, 31, 12, tzinfo=UTC)
PERMISSION = {"nbf": NOW, "duration": 300, "exp": NOW}
RECORDED: dict[str, Any] = {
    **dict.fromkeys(("_id", "streamer_id", "goal_id", "session_id"), ID),
    **dict.fromkeys(("requested_at", "nbf", "deadline"), NOW),
    **{"status": "pending", "viewers": [VIEWER], "duration": 60, "notify_sd_viewers": True},
}
SETTLED: dict[str, Any] = {
    **dict.fromkeys(("due", "applied_nbf", "applied_at", "notified_at", "voided_at"), NOW),
    **dict.fromkeys(("revision", "requests", "retries"), 1),
    **{"permissions": {VIEWER: PERMISSION}, "before": {VIEWER: None}, "taken_back": {VIEWER: 12}},
    **{"reason": {"code": "pusher_refused", "detail": "why"}, "operations": [], "request_id": "x"},
    "void_of": ID,
}
OF_ANOTHER_TYPE = [
    *((name, value) for name in (RECORDED | SETTLED) if name != "_id" for value in (1.5, {"a": "x"})),
    *((name, True) for name in ("duration", "revision", "requests", "retries")),
    *((name, None) for name in RECORDED if name != "_id"),
    *(("viewers", value) for value in ([], [None], [ID], ["a"], [VIEWER, "$where"])),
    *((name, {VIEWER: value}) for name in ("permissions", "before") for value in ("x", {"nbf": "x"})),
    *(("taken_back", {VIEWER: value}) for value in (None, True, "12")),
    *(("reason", {name: "x"}) for name in ("code", "detail")),
    *((name, []) for name in ("permissions", "before", "taken_back", "reason")),
    ("status", "given"),
]


def test_a_record_is_what_is_needed_and_what_is_known_later_or_not_yet() -> None:
    for its in (RECORDED, RECORDED | SETTLED, RECORDED | dict.fromkeys(SETTLED)):
        assert Extension.checked(its) == its


@pytest.mark.parametrize(("name", "value"), OF_ANOTHER_TYPE, ids=str)
def test_with_anything_of_another_type_it_cannot_be_read(name: str, value: Any) -> None:
    with pytest.raises(UnreadableExtension):
        Extension.checked(RECORDED | SETTLED | {name: value})
