"""Sessions: the live streams, and each viewer's permission in them."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId, Timestamp
from mongoengine import Document
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, OperationFailure
from pymongo.read_concern import ReadConcern

from swag_goals.connections import SESSIONS
from swag_goals.documents import permission_update
from swag_goals.documents.extension import Extension
from swag_goals.documents.foreign_field import ForeignField
from swag_goals.documents.pipeline_query_set import PipelineQuerySet
from swag_goals.documents.snapshot import Snapshot

Permissions = dict[str, dict[str, Any] | None]

# MongoDB's codes for an update that a validator does not allow, or that makes the document too large.
REFUSED_CODES = (121, 10334, 17419)


@dataclass(frozen=True)
class Change:
    """What one extension did to the session: each viewer's permission before and after. Times are aware, in UTC."""

    revision: int
    at: datetime
    nbf: datetime
    before: Permissions
    after: Permissions


class AlreadyApplied(Exception):
    """This very extension was applied by an earlier attempt; `change` is None if no longer kept."""

    def __init__(self, change: Change | None) -> None:
        self.change = change


class NotApplicable(Exception):
    """The extension cannot be applied as the session stands; nothing was changed."""

    def __init__(self, code: str) -> None:
        self.code = code


class DeadlineExceeded(Exception):
    """The attempt's deadline has passed, or the session was mended just now; nothing was changed."""


class UpdateRefused(Exception):
    """MongoDB does not allow the session that would come of it."""


class Session(Document):  # type: ignore[misc]
    """A live stream. `viewers` maps viewer ids to permissions `{nbf, duration, exp}`."""

    viewers = ForeignField()
    swag_goals = ForeignField()

    meta = {
        "collection": "session",
        "db_alias": SESSIONS,
        "queryset_class": PipelineQuerySet,
        "strict": False,
        "auto_create_index": False,
    }

    @classmethod
    def grant(cls, extension: Extension) -> Change:
        """Give the extension's seconds to all of its viewers, once, in one atomic update.

        :raises AlreadyApplied: by an earlier attempt; nothing was added now.
        :raises NotApplicable: the session is not there, or holds what cannot be added to.
        :raises DeadlineExceeded: the extension's deadline has passed.
        :raises pymongo.errors.PyMongoError: unknown; the next attempt finds out.
        """
        try:
            changes = cls.grant_all(extension)
        except UpdateRefused:
            raise NotApplicable("update_refused") from None
        if changes is None:
            raise cls.refusal(extension)
        return changes[0]

    @classmethod
    def grant_all(cls, *extensions: Extension) -> list[Change] | None:
        """Give extensions of one session one after another, in one atomic update; the changes, in their order.

        None where one of them may not be given: then nothing was changed.

        :raises UpdateRefused: nor will it ever be, as the session is.
        :raises pymongo.errors.PyMongoError: unknown; the next attempt finds out.
        """
        its = cls.objects(__raw__={"_id": extensions[0].session_id, **permission_update.guard(*extensions)})
        # All that is read of the session, however many viewers it has.
        latest = {"_id": 1, "swag_goals.changes": {"$slice": -len(extensions)}}
        try:
            session = its.modify(__raw__=permission_update.pipeline(*extensions), new=True, projection=latest)
        except OperationFailure as error:
            if error.code in REFUSED_CODES:
                raise UpdateRefused from None
            raise
        return None if session is None else [_change(entry) for entry in session.swag_goals["changes"]]

    @classmethod
    def refusal(
        cls, extension: Extension, read: str = "linearizable"
    ) -> AlreadyApplied | NotApplicable | DeadlineExceeded:
        """Why the update matched nothing, by the very expressions of its guard.

        Linearizable, since a plain read can show a guard that is rolled back later.
        """
        checks = permission_update.checks(extension)
        fields = {
            "applied": permission_update.applied(extension),
            "change": permission_update.change(extension),
            "checks": checks,
        }
        collection = cls._get_collection().with_options(read_concern=ReadConcern(read))
        found = list(collection.aggregate([{"$match": {"_id": extension.session_id}}, {"$project": fields}]))
        if not found:
            return NotApplicable("session_missing")
        (answers,) = found
        if answers["applied"]:
            return AlreadyApplied(_change(answers["change"]) if "change" in answers else None)
        for code in checks:
            if not answers["checks"][code]:
                return NotApplicable(code)
        return DeadlineExceeded()

    @classmethod
    def snapshot(cls, session_id: ObjectId, viewers: list[str] | None = None) -> Snapshot | None:
        """The permissions as they stand now, of all viewers or of those named.

        `viewers` of the answer is what the document holds, readable or not; None without a session.
        """
        wanted: Any = "$viewers" if viewers is None else permission_update.viewers(viewers)
        found = cls._get_collection().find_one({"_id": session_id}, Snapshot.projection(wanted))
        return None if found is None else Snapshot.of(found)

    @classmethod
    def snapshots(cls, session_ids: list[ObjectId], after: Timestamp | None) -> tuple[dict[str, Snapshot], Timestamp]:
        """The same of several sessions with all of their viewers, by their ids as text; of those that are there.

        And how far MongoDB was then: what is read `after` that is no older, as it can be of a new primary otherwise.

        As one command, for two thirds of what PyMongo's cursor costs; so PyMongo does not try it again.
        """
        collection = cls._get_collection()
        query = {"filter": {"_id": {"$in": session_ids}}, "projection": Snapshot.projection("$viewers")}
        command = {"find": collection.name, **query, "batchSize": len(session_ids), "singleBatch": True}
        causal = {} if after is None else {"afterClusterTime": after}
        answer = collection.database.command(
            command | {"readConcern": collection.read_concern.document | causal},
            codec_options=collection.codec_options,  # or its times were of no zone, and what is odd unreadable
        )
        found = {str(each["_id"]): Snapshot.of(each) for each in answer["cursor"]["firstBatch"]}
        return found, answer["operationTime"]

    @classmethod
    def certain(cls, session_id: ObjectId) -> dict[str, Any] | None:
        """`viewers`, `swag_goals` and `now` of the session. Reads that follow have all that led to it."""
        collection = cls._get_collection().with_options(read_concern=ReadConcern("linearizable"))
        fields = {"viewers": 1, "swag_goals": 1, "now": "$$NOW"}
        found = list(collection.aggregate([{"$match": {"_id": session_id}}, {"$project": fields}]))
        return found[0] if found else None

    @classmethod
    def release(cls, extensions_by_session: dict[ObjectId, list[ObjectId]]) -> None:
        """Drop ids from the guards, and their changes; for extensions that no attempt can reach any more.

        A session in which others have written something else there is left as it is.
        """
        pulls = [
            UpdateOne(
                {
                    "_id": session_id,
                    "swag_goals.applied": {"$in": ids},
                    "$expr": permission_update.swag_goals_readable(),
                },
                {"$pull": {"swag_goals.applied": {"$in": ids}, "swag_goals.changes": {"extension": {"$in": ids}}}},
            )
            for session_id, ids in extensions_by_session.items()
        ]
        with suppress(BulkWriteError):  # of one session; an id that stays in its guard does no harm
            cls._get_collection().bulk_write(pulls, ordered=False)


def _change(entry: dict[str, Any]) -> Change:
    return Change(entry["revision"], entry["at"], entry["nbf"], entry["before"], entry["after"])
