"""The ledger as a whole, in order and in little memory: for export and audit. It goes on after a failover."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, TypeVar

import pymongo
from bson import CodecOptions, ObjectId
from pymongo import ASCENDING
from pymongo.errors import AutoReconnect, CursorNotFound

from swag_goals.documents.extension import Extension
from swag_goals.documents.ledger import await_majority, server_time
from swag_goals.documents.record_shape import Row
from swag_goals.documents.session import Session
from swag_goals.time_limits import MAX_BEHIND, MAX_FAILOVER

T = TypeVar("T")

# Of MongoDB's own size, 16 MB, a batch costs three times as much and takes 100 MB.
BATCH = 500
SESSION_BATCH = 50  # of which one may have thousands of viewers
MAX_GROUP = 600.0  # seconds
NO_SESSION = ObjectId(b"\0" * 12)
_OF_SESSION = {"viewers": 1, "swag_goals": 1}
_BY_SESSION = [("session_id", ASCENDING), ("revision", ASCENDING)]
# With None for what a record has not.
Attributes: Any = type("Attributes", (SimpleNamespace,), dict.fromkeys(Extension._fields))


def resumed(read: Callable[[Any], Iterator[tuple[Any, T]]]) -> Iterator[T]:
    """What `read(None)` yields with a key for each; after a failover what `read` yields behind the last key.

    :raises pymongo.errors.PyMongoError: no primary for longer than a failover takes, or something else.
    """
    after: Any = None
    failing_since = None
    while True:
        try:
            for key, item in read(after):
                yield item
                after, failing_since = key, None
            return
        except (AutoReconnect, CursorNotFound):
            failing_since = failing_since or time.monotonic()
            if time.monotonic() - failing_since > MAX_FAILOVER.total_seconds():
                raise


def complete_until() -> datetime:
    """Before when the ledger gets no more extensions, and a read finds all that it has. In UTC."""
    now = server_time()
    await_majority()
    return now - MAX_BEHIND


def by_time(since: datetime | None, until: datetime) -> Iterator[Row]:
    """Records of extensions requested from `since` on and before `until`, in the order of (requested_at, _id).

    Times are naive, in UTC: to make them aware takes a third of the time. Those of voids are not among them.
    """
    collection = Extension._get_collection()
    naive: CodecOptions[dict[str, Any]] = collection.codec_options.with_options(tz_aware=False)
    extensions = collection.with_options(codec_options=naive)

    def read(after: datetime | None) -> Iterator[tuple[datetime, list[Row]]]:
        query = {"requested_at": {"$lt": until, **({"$gt": after} if after else {"$gte": since} if since else {})}}
        rows = extensions.find({**query, "void_of": None}, batch_size=BATCH).sort("requested_at", ASCENDING)
        for requested_at, some in groupby(rows, itemgetter("requested_at")):
            yield requested_at, sorted(some, key=itemgetter("_id"))

    return chain.from_iterable(resumed(read))


def by_session(
    sessions: list[ObjectId] | None, after: ObjectId | None
) -> Iterator[tuple[ObjectId, Row | None, Iterator[Row]]]:
    """Sessions, all or these, behind `after` in the order of their ids, each with its records as `of_session` has them.

    Only in this order, and each before the next one. A session is None where it is gone; the id is `NO_SESSION`
    for records that name none.
    """
    some = {**({} if sessions is None else {"$in": sessions}), **({} if after is None else {"$gt": after})}
    records = Extension._get_collection().find({"session_id": some} if some else {}, batch_size=BATCH)
    documents = Session._get_collection().find(
        {"_id": some or {"$gte": NO_SESSION}}, _OF_SESSION, batch_size=SESSION_BATCH
    )
    both = merge(
        ((each["_id"], 0, each) for each in documents.sort("_id", ASCENDING)),
        ((key, 1, each) for key, each in groupby(records.sort(_BY_SESSION), _session_of)),
        key=itemgetter(0, 1),
    )
    for session_id, found in groupby(both, itemgetter(0)):
        session = None
        for _, is_records, each in found:
            if is_records:
                yield session_id, session, each
                break
            session = each
        else:
            yield session_id, session, iter(())


def of_session(session_id: ObjectId) -> Iterator[Row]:
    """Its records by revision, first those without one."""
    return iter(Extension._get_collection().find({"session_id": session_id}, batch_size=BATCH).sort(_BY_SESSION))


def sessions_since(since: datetime) -> Iterator[ObjectId]:
    """The sessions of extensions that were requested then or later."""
    pipeline = [{"$match": {"requested_at": {"$gte": since}}}, {"$group": {"_id": "$session_id"}}]
    with pymongo.timeout(MAX_GROUP):
        found = Extension._get_collection().aggregate(pipeline)
    return (each["_id"] for each in found if isinstance(each["_id"], ObjectId))


def _session_of(record: Row) -> ObjectId:
    session_id = record.get("session_id")
    return session_id if isinstance(session_id, ObjectId) else NO_SESSION


def attributes(row: Row) -> Any:
    """What the `Extension` of a record has, at a fraction of its costs.

    :raises swag_goals.documents.record_shape.UnreadableExtension: nobody can work on it.
    """
    return Attributes(**{**Extension.checked(row), "id": row["_id"]})
