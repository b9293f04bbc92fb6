"""What becomes of extensions after they are recorded: attempts, outcomes, what is overdue."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from swag_goals.documents.extension import (
    APPLIED,
    DONE,
    PENDING,
    REJECTED,
    Extension,
    now_and,
    operation,
)
from swag_goals.documents.reasons import REASONS
from swag_goals.documents.session import Change, Session
from swag_goals.time_limits import ATTEMPT, ATTEMPT_OVER, MAX_RETRY_WAIT, MIN_ATTEMPT, OVERDUE
from swag_goals.times import milliseconds

# When no attempt can be under way any longer, as an expression.
ALL_ARE_OVER = {"$add": ["$deadline", milliseconds(ATTEMPT_OVER)]}
# A record of the code before has none yet.
RETRIES = {"$ifNull": ["$retries", 0]}
# Taken out of the record, or the indexes of what is to be done would hold it.
NOTHING = "$$REMOVE"
_IS_DONE = {"$eq": ["$status", DONE]}


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended for one extension, for the ledger to keep.

    `change` is what the session says of it (None: unknown by now); `refused` is a code of
    REJECTIONS; `notified` says whether Pusher has every event; `gave_up` that it never will; `at` is
    when, by MongoDB's clock.
    """

    extension: Extension
    change: Change | None = None
    refused: str | None = None
    notified: bool = False
    gave_up: bool = False
    at: datetime | None = None

    @property
    def status(self) -> str:
        """The extension's status by this outcome."""
        if self.refused:
            return REJECTED
        return DONE if self.notified else APPLIED


@dataclass(frozen=True)
class StartedAttempt:
    """An extension as a majority has it, and when it was read, by MongoDB's clock."""

    extension: Extension
    read_at: datetime


def start_attempts(ids: list[ObjectId]) -> list[StartedAttempt]:
    """The extensions to work on, each with a deadline far enough ahead for an attempt.

    Nobody's attempt may outlast the deadline in the record, so it moves only by a write that a
    majority has, and only while the extension is pending.
    """
    started = _read(ids)
    short = [each.extension.id for each in started.values() if _is_short(each)]
    if short:
        _update({"_id": {"$in": short}, "status": PENDING}, {"deadline": _later_deadline()})
        started |= _read(short)
    return list(started.values())


def _read(ids: list[ObjectId]) -> dict[ObjectId, StartedAttempt]:
    rows = Extension.objects.aggregate([{"$match": {"_id": {"$in": ids}}}, {"$set": {"read_at": "$$NOW"}}])
    return {row["_id"]: StartedAttempt(Extension._from_son(row), row["read_at"]) for row in rows}


def _is_short(started: StartedAttempt) -> bool:
    extension = started.extension
    return bool(extension.status == PENDING and extension.deadline - started.read_at < MIN_ATTEMPT)


def settle(outcomes: list[Outcome]) -> None:
    """Write the outcomes into the ledger, on a majority, in one call. What stands there first, stands."""
    if outcomes:
        Extension._get_collection().bulk_write([settlement(outcome) for outcome in outcomes], ordered=False)


def settlement(outcome: Outcome) -> UpdateOne:
    """The write that `settle` makes of one outcome."""
    if outcome.refused:
        return _rejection(outcome)
    over = outcome.notified or outcome.gave_up
    fields: dict[str, Any] = {
        "status": DONE if outcome.notified else {"$cond": [_IS_DONE, DONE, APPLIED]},
        "release_at": {"$ifNull": ["$release_at", ALL_ARE_OVER]},
        "due": NOTHING if over else {"$cond": [_IS_DONE, NOTHING, _wait()]},
        "reason": _reason("pusher_refused") if outcome.gave_up else None,
    }
    if outcome.notified:
        notified_at = {"$ifNull": ["$notified_at", "$$NOW"]}
        fields["notified_at"] = notified_at if outcome.extension.notify_sd_viewers else None
    open_: dict[str, Any] = {"status": {"$ne": DONE}}
    if outcome.change is not None:
        fields |= _fields_of(outcome.change)
        # A repeat that could not know the change may have closed it before.
        open_ = {"$or": [open_, {"applied_at": None}]}
    return UpdateOne({"_id": outcome.extension.id, **open_}, [{"$set": fields}])


def _fields_of(change: Change) -> dict[str, Any]:
    """What the session says of the change. There is only one of an extension, so what is known already is the same."""
    known = {
        "applied_nbf": change.nbf,
        "applied_at": change.at,
        "revision": {"$literal": change.revision},
        "permissions": {"$literal": change.after},
        "before": {"$literal": change.before},
    }
    return {name: {"$ifNull": [f"${name}", value]} for name, value in known.items()}


def _rejection(outcome: Outcome) -> UpdateOne:
    """An attempt begun before may yet apply it, so it is looked at once more when all have run out.

    Where a later attempt has begun, perhaps on a mended session, its own verdict counts.
    """
    fields = {"status": REJECTED, "reason": _reason(outcome.refused or ""), "due": ALL_ARE_OVER}
    pending = {"_id": outcome.extension.id, "status": PENDING, "deadline": outcome.extension.deadline}
    return UpdateOne(pending, [{"$set": fields}])


def close_rejected(extension: Extension) -> None:
    """No attempt is left that could apply it: the rejection is final."""
    _update({"_id": extension.id, "status": REJECTED, "deadline": extension.deadline}, {"due": NOTHING})


def claim_due(limit: int) -> list[Extension]:
    """Claim extensions that are due, to be applied or looked at once more; the longest due first."""
    return _claim({"status": {"$in": [PENDING, REJECTED]}}, "due", limit)


def claim_unnotified(limit: int) -> list[Extension]:
    """Claim applied extensions whose viewers are to be notified again; the newest first."""
    claimed = _claim({"status": APPLIED}, "-requested_at", limit)
    return sorted(claimed, key=lambda extension: extension.requested_at, reverse=True)


def _claim(query: dict[str, Any], order: str, limit: int) -> list[Extension]:
    """Claim what is due for this sweep alone, and put its next turn off.

    The wait doubles with each retry, half of it left to chance so that a crowd spreads.
    """
    now = server_time()
    ids = [row.id for row in Extension.objects(__raw__=query, due__lte=now).order_by(order).only("id").limit(limit)]
    if not ids:
        return []
    sweep = uuid.uuid4().hex
    claim = {"due": _wait(), "retries": {"$add": [RETRIES, 1]}, "sweep": sweep}
    _update({"_id": {"$in": ids}, "due": {"$lte": now}}, claim)
    return list(Extension.objects(id__in=ids, sweep=sweep))


def release(limit: int) -> int:
    """Let sessions forget applied extensions that no attempt can reach any more; how many.

    Read from a majority: an id leaves the guard only when the ledger is certain to remember.
    """
    past = list(Extension.objects(release_at__lte=server_time()).only("id", "session_id").limit(limit))
    if not past:
        return 0
    sessions: dict[ObjectId, list[ObjectId]] = {}
    for extension in past:
        sessions.setdefault(extension.session_id, []).append(extension.id)
    Session.release(sessions)
    _update({"_id": {"$in": [extension.id for extension in past]}}, {"release_at": NOTHING})
    return len(past)


def reopen(extension_id: ObjectId, *, by: str, why: str) -> Extension | None:
    """Let an unfinished or rejected extension be attempted again; None where it is done.

    Its deadline moves as with any attempt; an applied one stays applied, and its viewers are notified again.
    """
    redrive = operation(by=by, why=why, what="redrive")
    fields = {
        "status": {"$cond": [{"$eq": ["$status", REJECTED]}, PENDING, "$status"]},
        "reason": None,
        "deadline": {"$cond": [{"$eq": ["$status", APPLIED]}, "$deadline", _later_deadline()]},
        "due": now_and(OVERDUE),
        "operations": {"$concatArrays": [{"$ifNull": ["$operations", []]}, [redrive]]},
    }
    query = Extension.objects(id=extension_id, status__ne=DONE)
    return query.modify(__raw__=[{"$set": fields}], new=True)


def server_time() -> datetime:
    """MongoDB's clock, by its primary."""
    return Extension._get_db().command("hello")["localTime"].replace(tzinfo=UTC)


def _update(query: dict[str, Any], fields: dict[str, Any]) -> None:
    # MongoEngine's own turns a write concern that was not met into an error that is not PyMongo's.
    Extension._get_collection().update_many(query, [{"$set": fields}])


def _later_deadline() -> dict[str, Any]:
    """It never moves back: the clock of a new primary may be behind."""
    return {"$max": ["$deadline", now_and(ATTEMPT)]}


def _wait() -> dict[str, Any]:
    first, longest = milliseconds(OVERDUE), milliseconds(MAX_RETRY_WAIT)
    wait = {"$min": [longest, {"$multiply": [first, {"$pow": [2, {"$min": [RETRIES, 8]}]}]}]}
    return {"$add": ["$$NOW", {"$toInt": {"$multiply": [wait, {"$add": [0.5, {"$multiply": [0.5, {"$rand": {}}]}]}]}}]}


def _reason(code: str) -> dict[str, Any]:
    return {"$literal": {"code": code, "detail": REASONS[code]}}
