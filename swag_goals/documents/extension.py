"""Extensions: the ledger. One record per (streamer, goal, key), never removed by itself."""

import hashlib
from datetime import timedelta
from typing import Any

from bson import ObjectId
from mongoengine import (
    BooleanField,
    DateTimeField,
    Document,
    IntField,
    ObjectIdField,
    StringField,
)
from pymongo import ReturnDocument

from swag_goals.documents.foreign_field import ForeignField
from swag_goals.documents.pipeline_query_set import PipelineQuerySet
from swag_goals.time_limits import ATTEMPT, OVERDUE
from swag_goals.times import milliseconds

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
    requests = IntField()  # how often it was asked for: one, and its repeats
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

    meta = {
        "collection": "extension",
        "queryset_class": PipelineQuerySet,
        "strict": False,
        "auto_create_index": False,  # the migrations build them: a deploy must not wait for them in a request
    }

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
        return cls.objects(id=extension_id).modify(__raw__=[{"$set": {"requests": _once_more()}}], new=True)

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
        operation: dict[str, Any] | None = None,
    ) -> "Extension":
        """Write the extension down on a majority, by MongoDB's clock.

        Where it is there already, it is the first one's record that comes back, with a higher
        count of `requests`.

        :raises pymongo.errors.PyMongoError: unknown whether it stands; the same call settles it.
        """
        fresh = {
            "_id": "$_id",
            "key": {"$literal": key},
            "streamer_id": ObjectId(streamer_id),
            "goal_id": ObjectId(goal_id),
            "session_id": ObjectId(session_id),
            "viewers": viewers,
            "duration": {"$literal": DURATION},
            "notify_sd_viewers": {"$literal": True},
            "status": PENDING,
            "requested_at": "$$NOW",
            "nbf": "$$NOW",
            "requests": {"$literal": 1},
            "request_id": {"$literal": request_id},
            "deadline": now_and(ATTEMPT),
            "due": now_and(OVERDUE),
            "retries": {"$literal": 0},
            "operations": [operation] if operation else [],
        }
        known = {"$mergeObjects": ["$$ROOT", {"requests": _once_more()}]}
        write = [{"$replaceWith": {"$cond": [{"$ifNull": ["$status", False]}, known, fresh]}}]
        its = {"_id": cls.id_for(streamer_id, goal_id, key)}
        # Every call comes here, and MongoEngine's query set costs as much again.
        found = cls._get_collection().find_one_and_update(its, write, upsert=True, return_document=ReturnDocument.AFTER)
        return cls._from_son(found)

    @classmethod
    def page(cls, streamer_id: str, goal_id: str, limit: int, after: "Extension | None" = None) -> Any:
        """At most `limit` of the streamer's extensions of the goal, newest first, older than `after`."""
        query: dict[str, Any] = {"streamer_id": ObjectId(streamer_id), "goal_id": ObjectId(goal_id)}
        if after is not None:
            query["$or"] = [
                {"requested_at": {"$lt": after.requested_at}},
                {"requested_at": after.requested_at, "_id": {"$lt": after.id}},
            ]
        return cls.objects(__raw__=query).order_by("-requested_at", "-id").limit(limit)

    @property
    def replayed(self) -> bool:
        """Whether the request that led here was a repeat of an earlier one."""
        return bool(self.requests > 1)

    def later(self) -> "Extension | None":
        """A later extension of the same goal: the streamer may have pressed again."""
        return Extension.objects(
            streamer_id=self.streamer_id, goal_id=self.goal_id, requested_at__gt=self.requested_at
        ).first()


def operation(*, by: str, why: str, what: str) -> dict[str, Any]:
    """What an operator did, as an expression for `operations`."""
    return {"at": "$$NOW", "by": {"$literal": by}, "why": {"$literal": why}, "what": what}


def now_and(time: timedelta) -> dict[str, Any]:
    """MongoDB's now and so much more, as an expression."""
    return {"$add": ["$$NOW", milliseconds(time)]}


def _once_more() -> dict[str, Any]:
    return {"$add": ["$requests", 1]}
