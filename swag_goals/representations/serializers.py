"""Documents as the JSON that callers see."""

from datetime import datetime
from typing import Any

from swag_goals.documents.extension import Extension
from swag_goals.documents.goal import ExclusiveGoal, GoalNotExtendable
from swag_goals.times import iso

GIVEN = ("extend", "compensate")  # what operators do that is no press of the streamer's


def extension(document: Extension) -> dict[str, Any]:
    """An extension of the ledger; what is not known yet is null."""
    by_hand = [each for each in document.operations or () if isinstance(each, dict) and each.get("what") in GIVEN]
    return {
        "id": str(document.id),
        "goal_id": str(document.goal_id),
        "session_id": str(document.session_id),
        "viewers": list(document.viewers),
        "duration": document.duration,
        "nbf": _time(document.nbf),
        "status": document.status,
        "requested_at": _time(document.requested_at),
        "applied_nbf": _time(document.applied_nbf),
        "applied_at": _time(document.applied_at),
        "notified_at": _time(document.notified_at),
        "permissions": _permissions(document.permissions),
        "before": _permissions(document.before),
        "reason": document.reason,
        "voided_at": _time(document.voided_at),
        "taken_back": document.taken_back,
        "links": {"self": path(document)},
        **({"requested_by": "operator"} if by_hand else {}),
    }


def goal(document: ExclusiveGoal) -> dict[str, Any]:
    """An exclusive goal; without session and viewers where it cannot be extended."""
    try:
        session_id, viewers = document.audience()
    except GoalNotExtendable:
        session_id, viewers = None, []
    return {"id": str(document.id), "streamer_id": document.streamer_id, "session_id": session_id, "viewers": viewers}


def path(document: Extension) -> str:
    """Where the extension is found."""
    return f"/goals/{document.goal_id}/extensions/{document.id}"


def permission(values: dict[str, Any]) -> dict[str, Any]:
    """A permission; its `duration` in seconds."""
    duration = values.get("duration")
    return {
        "nbf": _time(values.get("nbf")),
        "duration": None if duration is None else int(duration),
        "exp": _time(values.get("exp")),
    }


def _permissions(viewers: dict[str, Any] | None) -> dict[str, Any] | None:
    if viewers is None:
        return None
    return {viewer: None if values is None else permission(values) for viewer, values in viewers.items()}


def _time(value: datetime | None) -> str | None:
    return None if value is None else iso(value)
