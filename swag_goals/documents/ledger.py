"""What is done with extensions after they are recorded: attempts, claims, releases, re-drives."""

import uuid
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.read_concern import ReadConcern

from swag_goals.documents.extension import APPLIED, DONE, PENDING, REJECTED, Extension, operation
from swag_goals.documents.session import Session
from swag_goals.documents.settlement import REMOVED, RETRIES, retry_wait
from swag_goals.time_limits import ATTEMPT, MIN_ATTEMPT, OVERDUE
from swag_goals.times import now_and


def start_attempts(ids: list[ObjectId]) -> list[Extension]:
    """The extensions to work on as a majority has them, each with a deadline far enough ahead for an attempt.

    Nobody's attempt may outlast the deadline in the record, so it moves only by a write that a
    majority has, and only while the extension is pending.
    """
    started = _read(ids)
    short = [each.id for each in started.values() if _is_short(each)]
    if short:
        _update({"_id": {"$in": short}, "status": PENDING}, {"deadline": _later_deadline()})
        started |= _read(short)
    return list(started.values())


def _read(ids: list[ObjectId]) -> dict[ObjectId, Extension]:
    found = [{"$match": {"_id": {"$in": ids}}}, {"$set": {"read_at": "$$NOW"}}]
    rows = {row["_id"]: row for row in Extension._get_collection().aggregate(found)}
    extensions = {each.id: each for each in Extension.load_all(rows.values())}
    for extension_id, extension in extensions.items():
        extension.read_at = rows[extension_id]["read_at"]
    return extensions


def _is_short(extension: Extension) -> bool:
    return bool(extension.status == PENDING and extension.deadline - extension.read_at < MIN_ATTEMPT)


def close_rejected(extension: Extension) -> None:
    """No attempt is left that could apply it: the rejection is final."""
    _update({"_id": extension.id, "status": REJECTED, "deadline": extension.deadline}, {"due": REMOVED})


def claim_due(limit: int) -> list[Extension]:
    """Claim extensions that are due, to be applied or looked at once more; the longest due first."""
    return _claim({"status": {"$in": [PENDING, REJECTED]}}, "due", ASCENDING, limit)


def claim_unnotified(limit: int) -> list[Extension]:
    """Claim applied extensions whose viewers are to be notified again; the newest first."""
    claimed = _claim({"status": APPLIED}, "requested_at", DESCENDING, limit)
    return sorted(claimed, key=lambda extension: extension.requested_at, reverse=True)


def _claim(query: dict[str, Any], order: str, direction: int, limit: int) -> list[Extension]:
    """Claim what is due for this sweep alone, and put its next turn off.

    The wait doubles with each retry, half of it left to chance so that a crowd spreads.
    """
    now = server_time()
    collection = Extension._get_collection()
    due = collection.find({**query, "due": {"$lte": now}}, {"_id": 1}).sort(order, direction).limit(limit)
    ids = [row["_id"] for row in due]
    if not ids:
        return []
    sweep = uuid.uuid4().hex
    claim = {"due": retry_wait(), "retries": {"$add": [RETRIES, 1]}, "sweep": sweep}
    _update({"_id": {"$in": ids}, "due": {"$lte": now}}, claim)
    return Extension.load_all(collection.find({"_id": {"$in": ids}, "sweep": sweep}))


def release(limit: int) -> int:
    """Let guards forget applied extensions that no attempt can reach any more; how many.

    Read from a majority: an id leaves the guard only when the ledger is certain to remember.
    """
    due = {"release_at": {"$lte": server_time()}}
    past = list(Extension._get_collection().find(due, {"session_id": 1}).limit(limit))
    if not past:
        return 0
    sessions: dict[ObjectId, list[ObjectId]] = {}
    for row in past:
        if isinstance(row.get("session_id"), ObjectId):
            sessions.setdefault(row["session_id"], []).append(row["_id"])
    if sessions:
        Session.release(sessions)
    _update({"_id": {"$in": [row["_id"] for row in past]}}, {"release_at": REMOVED})
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
    row = Extension._get_collection().find_one_and_update(
        {"_id": extension_id, "status": {"$ne": DONE}}, [{"$set": fields}], return_document=ReturnDocument.AFTER
    )
    return None if row is None else Extension.load(row)


def server_time() -> datetime:
    """MongoDB's clock, by its primary."""
    return Extension._get_db().command("hello")["localTime"].replace(tzinfo=UTC)


def await_majority() -> None:
    """Have a majority confirm all that was written until now, by a read that finds nothing."""
    certain = Extension._get_collection().with_options(read_concern=ReadConcern("linearizable"))
    certain.find_one({"_id": "nothing"})


def _update(query: dict[str, Any], fields: dict[str, Any]) -> None:
    # MongoEngine's own turns a write concern that was not met into an error that is not PyMongo's.
    Extension._get_collection().update_many(query, [{"$set": fields}])


def _later_deadline() -> dict[str, Any]:
    """It never moves back: the clock of a new primary may be behind."""
    return {"$max": ["$deadline", now_and(ATTEMPT)]}
