"""Nothing is believed that is not on a majority of MongoDB's members."""

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import mongoengine
import pymongo
import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from dev.stack.stack import Stack
from swag_goals.commands.doctor import examine
from swag_goals.connections import connect_mongodb
from swag_goals.documents import ledger, ledger_stream
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import AlreadyApplied, Session
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.extend_goal import extend_goal
from swag_goals.services.rate_limits import LimitExceeded, RateLimits
from tests import factories
from tests.eventually import eventually
from tests.factories import OneToOne, moved, recorded
from tests.members import primary, without_majority

TIMEOUT = 0.5  # seconds; a primary without a majority steps down after about two


@pytest.fixture(scope="module")
def replica_set(servers: Stack, documents: Database[dict[str, Any]]) -> Iterator[Stack]:
    """A set of three members, to which the documents are connected instead of `servers`."""
    with Stack(members=3, processes={}) as replica_set:
        mongoengine.disconnect_all()
        connect_mongodb(replica_set.settings["MONGODB_URI"])
        yield replica_set
        mongoengine.disconnect_all()
    connect_mongodb(servers.settings["MONGODB_URI"])


@pytest.fixture
def database(replica_set: Stack) -> Iterator[Database[dict[str, Any]]]:
    with factories.database(replica_set) as database:
        yield database


def plainly_read(address: str, collection: str, document_id: ObjectId) -> dict[str, Any]:
    """The document as this member has it, whether or not it will be rolled back."""
    with MongoClient[dict[str, Any]](f"mongodb://{address}", directConnection=True) as member:
        document = member["swag_goals"][collection].find_one({"_id": document_id})
    assert document
    return document


def is_granted(extension: Extension) -> bool:
    """Whether the seconds are given, now or before; tried again while nobody can say."""
    try:
        return bool(Session.grant(extension))
    except AlreadyApplied:
        return True
    except PyMongoError:
        return False


def test_a_guard_that_a_plain_read_shows_is_not_believed_before_a_majority_has_it(
    replica_set: Stack, database: Database[dict[str, Any]]
) -> None:
    one = factories.one_to_one(database)
    extension = moved(recorded(one), "deadline", by=300)

    with without_majority(replica_set) as address:
        for attempt in (Session.grant, Session.refusal, Session.grant):
            with pytest.raises(PyMongoError), pymongo.timeout(TIMEOUT):
                attempt(extension)
        assert plainly_read(address, "session", extension.session_id)["swag_goals"]["applied"] == [extension.id]

    eventually(lambda: is_granted(extension))
    session = database["session"].find_one({"_id": extension.session_id})
    assert session
    assert session["viewers"][one.viewers[0]]["duration"] == 360
    assert session["swag_goals"]["applied"] == [extension.id]


def test_no_attempt_starts_at_a_record_that_a_majority_does_not_have(
    replica_set: Stack, database: Database[dict[str, Any]]
) -> None:
    one = factories.one_to_one(database)
    extension_id = Extension.id_for(one.streamer_id, one.goal_id, "key")

    with without_majority(replica_set) as address:
        with pytest.raises(PyMongoError), pymongo.timeout(TIMEOUT):
            recorded(one, key="key")
        assert plainly_read(address, "extension", extension_id)
        with suppress(PyMongoError), pymongo.timeout(TIMEOUT):
            assert ledger.start_attempts([extension_id]) == []


def test_an_attempt_does_not_start_before_a_majority_has_its_deadline(
    replica_set: Stack, database: Database[dict[str, Any]]
) -> None:
    extension = moved(recorded(OneToOne()), "deadline", by=-60)

    with without_majority(replica_set), pytest.raises(PyMongoError), pymongo.timeout(TIMEOUT):
        ledger.start_attempts([extension.id])

    eventually(lambda: begins(extension))


def test_the_doctor_does_not_take_a_majority_for_there(replica_set: Stack, database: Database[dict[str, Any]]) -> None:
    def says() -> list[str]:
        return [finding.says for finding in examine(replica_set.settings) if not finding.well]

    factories.one_to_one(database)
    with without_majority(replica_set):
        assert any(each.startswith(("MongoDB has no majority", "No primary of MongoDB")) for each in says())

    eventually(lambda: not any("majority" in each or "primary" in each for each in says()))


def begins(extension: Extension) -> bool:
    try:
        (started,) = ledger.start_attempts([extension.id])
    except PyMongoError:
        return False
    return bool(started.deadline > started.read_at)


def has_begun(begin: Callable[[], object]) -> bool:
    try:
        begin()
    except PyMongoError:
        return False
    return True


def test_an_export_begins_only_when_a_majority_has_all_that_was_requested_before(
    replica_set: Stack, database: Database[dict[str, Any]]
) -> None:
    with without_majority(replica_set), pytest.raises(PyMongoError), pymongo.timeout(TIMEOUT):
        ledger_stream.complete_until()

    eventually(lambda: has_begun(ledger_stream.complete_until))


def test_an_export_goes_on_where_the_primary_was_killed(replica_set: Stack, database: Database[dict[str, Any]]) -> None:
    shape = database["extension"].find_one({"_id": recorded(OneToOne()).id}) or {}
    first = datetime(2001, 1, 1, tzinfo=UTC)
    rows = [shape | {"_id": ObjectId(), "requested_at": first + timedelta(seconds=n // 7)} for n in range(3_000)]
    database["extension"].insert_many(rows)

    exported = []
    for row in ledger_stream.by_time(first, first + timedelta(days=1)):
        exported.append(row["_id"])
        if len(exported) == 1_500:
            replica_set.signal(primary(replica_set), signal.SIGKILL)

    assert exported == [row["_id"] for row in rows]


class Exhausted(RateLimits):
    """Limits that let nobody through."""

    def __init__(self) -> None: ...

    def count(self, *_: Any) -> None:
        raise LimitExceeded(60)


class Mute(Enqueuer):
    """An enqueuer whose jobs nobody takes."""

    def __init__(self) -> None: ...

    def enqueue(self, extension: Extension) -> None: ...


def extend(one: OneToOne, limits: RateLimits | None = None) -> Extension:
    return extend_goal(one.goal_id, one.streamer_id, "key", "key", enqueuer=Mute(), limits=limits)


def test_a_repeat_is_not_refused_while_its_record_may_still_reach_a_majority(
    replica_set: Stack, database: Database[dict[str, Any]]
) -> None:
    one = factories.one_to_one(database)

    with without_majority(replica_set):
        for limits in (None, Exhausted()):
            with pytest.raises(PyMongoError), pymongo.timeout(TIMEOUT):
                extend(one, limits)

    def settled() -> bool:
        try:
            return extend(one).id == Extension.id_for(one.streamer_id, one.goal_id, "key")
        except PyMongoError:
            return False

    eventually(settled)
    assert database["extension"].count_documents({"goal_id": recorded(one).goal_id, "key": "key"}) == 1
    with pytest.raises(LimitExceeded):
        extend_goal(one.goal_id, one.streamer_id, "another", "another", enqueuer=Mute(), limits=Exhausted())
