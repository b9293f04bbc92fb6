"""Extensions: the ledger. One record per (streamer, goal, key), never removed by itself."""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongoengine import BooleanField, DateTimeField, Document, IntField, ObjectIdField, StringField
from pymongo import ReturnDocument

from swag_goals.documents.compact_record import NotExpandable, compact_viewers, expanded
from swag_goals.documents.foreign_field import ForeignField
from swag_goals.documents.record_shape import UnreadableExtension, is_readable
from swag_goals.time_limits import ATTEMPT, OVERDUE
from swag_goals.times import now_and

log = logging.getLogger(__name__)

PENDING = "pending"  # recorded
APPLIED = "applied"  # the seconds are given
DONE = "done"  # the viewers are notified too
REJECTED = "rejected"  # cannot be applied as the session stands; nothing was changed
STATUSES = (PENDING, APPLIED, DONE, REJECTED)

DURATION = 60  # seconds


class Extension(Document):  # type: ignore[misc]
    """One request for more time, and all that has become of it. Times are aware, in UTC.

    `_id` comes from (streamer, goal, key): `_id` is unique on any deployment, also a sharded
    one, so there can be no second record even before the first index is built.
    """

    id = ObjectIdField(primary_key=True)
    key = StringField()
    streamer_id = ObjectIdField()
    goal_id = ObjectIdField()
    session_id = ObjectIdField()
    viewers = ForeignField()
    duration = IntField()
    notify_sd_viewers = BooleanField()
    status = StringField()
    requested_at = DateTimeField()
    nbf = DateTimeField()
    requests = IntField()  # how often it was requested: once, and its repeats
    request_id = StringField()
    deadline = DateTimeField()  # of the latest attempt that may be under way
    due = DateTimeField()  # when the sweeper retries it; None: nothing to do
    retries = IntField()  # how often it has
    sweep = StringField()  # by which sweep, last
    release_at = DateTimeField()  # when the session's guard may forget it; None: not yet, or done
    applied_nbf = DateTimeField()
    applied_at = DateTimeField()
    notified_at = DateTimeField()
    revision = IntField()
    permissions = ForeignField()
    before = ForeignField()
    reason = ForeignField()
    operations = ForeignField()  # what operators did: [{at, by, why, what}]
    void_of = ObjectIdField()  # of a void: the extension that it takes back
    voided_at = DateTimeField()
    taken_back = ForeignField()  # by viewer, in seconds

    read_at: datetime  # not in the record: when an attempt read it, by MongoDB's clock

    meta = {
        "collection": "extension",
        "strict": False,
        "auto_create_index": False,  # the migrations build them: a deploy must not wait for them in a request
    }

    @classmethod
    def load(cls, row: Mapping[str, Any]) -> "Extension":
        """The extension of a record.

        :raises UnreadableExtension: nobody can work on it.
        """
        return super()._from_son(cls.checked(row))

    @staticmethod
    def checked(row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The record's fields, as this program writes them.

        :raises UnreadableExtension: nobody can work on it.
        """
        with suppress(NotExpandable):
            row = expanded(row)
            if row.get("status") in STATUSES and is_readable(row):
                return row
        raise UnreadableExtension(f"extension {row['_id']} cannot be read")

    @classmethod
    def _from_son(cls, son: Mapping[str, Any], *args: Any, **kwargs: Any) -> "Extension":
        """The same for `Extension.objects` in `flask shell`."""
        return super()._from_son(expanded(son), *args, **kwargs)

    @classmethod
    def load_all(cls, rows: Iterable[Mapping[str, Any]]) -> "list[Extension]":
        """The extensions of those records that can be read; the others are logged and passed over."""
        found = []
        for row in rows:
            try:
                found.append(cls.load(row))
            except UnreadableExtension:
                log.error("a record cannot be read", extra={"extension_id": str(row["_id"])})
        return found

    @staticmethod
    def id_for(streamer_id: str, goal_id: str, key: str) -> ObjectId:
        """The one id that this streamer's key has on this goal."""
        return ObjectId(hashlib.sha256(f"{streamer_id}:{goal_id}:{key}".encode()).digest()[:12])

    @classmethod
    def repeat(cls, extension_id: ObjectId) -> "Extension | None":
        """The extension that an earlier request recorded, or None.

        It is written again, on a majority, so that no answer rests on a read that may be
        rolled back. Nor does None: an update that matches nothing waits for a majority as well.
        """
        once_more = [{"$set": {"requests": _once_more()}}]
        row = cls._get_collection().find_one_and_update(
            {"_id": extension_id}, once_more, return_document=ReturnDocument.AFTER
        )
        return None if row is None else cls.load(row)

    @classmethod
    def record(
        cls,
        *,
        streamer_id: str,
        goal_id: str,
        session_id: str,
        viewers: list[str],
        key: str,
        request_id: str,
        duration: int = DURATION,
        operation: dict[str, Any] | None = None,
    ) -> "Extension":
        """Write the extension down on a majority, by MongoDB's clock.

        Where it is there already, it is the first one's record that comes back, with a higher
        count of `requests`.

        :raises pymongo.errors.PyMongoError: unknown whether it stands; the same call settles it.
        """
        its = {
            "key": {"$literal": key},
            "streamer_id": ObjectId(streamer_id),
            "goal_id": ObjectId(goal_id),
            "session_id": ObjectId(session_id),
            "viewers": compact_viewers(viewers),
            "duration": {"$literal": duration},
            "notify_sd_viewers": {"$literal": True},
            "request_id": {"$literal": request_id},
            "operations": [operation] if operation else [],
        }
        return cls.write_down(cls.id_for(streamer_id, goal_id, key), its)

    @classmethod
    def write_down(cls, its_id: ObjectId, its: dict[str, Any]) -> "Extension":
        """Write a new record down, as `record` does; `its` fields are expressions. Or what is there already."""
        fresh = {
            "_id": "$_id",
            **its,
            "status": PENDING,
            "requested_at": "$$NOW",
            "nbf": "$$NOW",
            "requests": {"$literal": 1},
            "deadline": now_and(ATTEMPT),
            "due": now_and(OVERDUE),
            "retries": {"$literal": 0},
        }
        known = {"$mergeObjects": ["$$ROOT", {"requests": _once_more()}]}
        write = [{"$replaceWith": {"$cond": [{"$ifNull": ["$status", False]}, known, fresh]}}]
        # Every call comes here, and MongoEngine's query set costs as much again.
        found = cls._get_collection().find_one_and_update(
            {"_id": its_id}, write, upsert=True, return_document=ReturnDocument.AFTER
        )
        return cls.load(found)

    @property
    def replayed(self) -> bool:
        """Whether the request that led here was a repeat of an earlier one."""
        return bool(self.requests > 1)


def operation(*, by: str, why: str, what: str) -> dict[str, Any]:
    """What an operator did, as an expression for `operations`."""
    return {"at": "$$NOW", "by": {"$literal": by}, "why": {"$literal": why}, "what": what}


def _once_more() -> dict[str, Any]:
    return {"$add": [{"$cond": [{"$isNumber": "$requests"}, "$requests", 1]}, 1]}
