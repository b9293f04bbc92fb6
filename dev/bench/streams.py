"""Streams to extend: what other programs would have written, and extensions as the web records them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

from bson import ObjectId
from pymongo import WriteConcern
from pymongo.database import Database

from dev.stack.sample import goal_document
from swag_goals.documents.extension import Extension
from swag_goals.events.stream_authorized import channel
from swag_goals.time_limits import ATTEMPT, OVERDUE

BOUGHT = 300  # seconds, all of them used


@dataclass(frozen=True)
class Stream:
    """A streamer's goal and its session, whose document may hold more viewers than are extended."""

    viewers: Sequence[str]
    streamer: str = field(default_factory=lambda: str(ObjectId()))
    goal: str = field(default_factory=lambda: str(ObjectId()))
    session: str = field(default_factory=lambda: str(ObjectId()))
    others: int = 0

    @property
    def session_id(self) -> ObjectId:
        """The session's `_id`."""
        return ObjectId(self.session)

    @property
    def channels(self) -> list[str]:
        """Where the viewers are notified."""
        return [channel(self.streamer, viewer) for viewer in self.viewers]


def streams(count: int, viewers: int = 1, others: int = 0) -> list[Stream]:
    """New ones with so many extended viewers each."""
    return [Stream([str(ObjectId()) for _ in range(viewers)], others=others) for _ in range(count)]


def write(database: Database[dict[str, Any]], streams: Sequence[Stream]) -> None:
    """Put goals and sessions there as if they had never been extended, and delete what the ledger has of them."""
    collections = [database[name].with_options(write_concern=WriteConcern(1)) for name in ("goal", "session")]
    for collection, document in zip(collections, (_goal, _session), strict=True):
        collection.delete_many({})
        for some in _chunks(streams):
            collection.insert_many([document(stream) for stream in some], ordered=False)
    database.extension.delete_many({"streamer_id": {"$in": [ObjectId(stream.streamer) for stream in streams]}})


def record(
    database: Database[dict[str, Any]], streams: Sequence[Stream], count: int, age: timedelta = timedelta()
) -> list[Extension]:
    """So many extensions, in turn over the streams, requested so long ago; in bulk, on a majority."""
    shape = _shape(database)
    documents = [_pending(shape, stream, age) for stream in islice(cycle(streams), count)]
    for some in _chunks(documents):
        database.extension.insert_many(some, ordered=False)
    return [Extension._from_son(document) for document in documents]


def _shape(database: Database[dict[str, Any]]) -> dict[str, Any]:
    """What the program itself writes, so that it is never anything else."""
    extension = Extension.record(
        streamer_id=str(ObjectId()),
        goal_id=str(ObjectId()),
        session_id=str(ObjectId()),
        viewers=[str(ObjectId())],
        key=str(ObjectId()),
        request_id=str(ObjectId()),
    )
    return database.extension.find_one_and_delete({"_id": extension.id}) or {}


def _pending(shape: dict[str, Any], stream: Stream, age: timedelta) -> dict[str, Any]:
    requested_at = datetime.now(UTC) - age
    return shape | {
        "_id": ObjectId(),
        "key": str(ObjectId()),
        "streamer_id": ObjectId(stream.streamer),
        "goal_id": ObjectId(stream.goal),
        "session_id": stream.session_id,
        "viewers": list(stream.viewers),
        "requested_at": requested_at,
        "nbf": requested_at,
        "deadline": requested_at + ATTEMPT,
        "due": requested_at + OVERDUE,
    }


def _goal(stream: Stream) -> dict[str, Any]:
    return goal_document(stream.goal, stream.streamer, stream.session, stream.viewers)


def _session(stream: Stream) -> dict[str, Any]:
    now = datetime.now(UTC)
    used_up = {"nbf": now - timedelta(seconds=BOUGHT), "duration": BOUGHT, "exp": now}
    everybody = [*stream.viewers, *(str(ObjectId()) for _ in range(stream.others))]
    return {"_id": stream.session_id, "viewers": dict.fromkeys(everybody, used_up)}


def _chunks(documents: Sequence[Any], size: int = 1_000) -> Iterator[Sequence[Any]]:
    return (documents[start : start + size] for start in range(0, len(documents), size))
