"""Every statement of a call and of its job: it asks one shard, waits for a majority, and brings no host's clock.

No router can be had here, so this is what can be held of a sharded deployment: docs/howto/scale.rst.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

import mongoengine
import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.monitoring import CommandListener, CommandStartedEvent, CommandSucceededEvent

from dev.stack.stack import Stack
from swag_goals import connections
from swag_goals.connections import connect_mongodb
from swag_goals.documents import ledger, ledger_stream
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Session
from swag_goals.queue.extensions import Enqueuer, job_arguments
from swag_goals.services.apply_extensions import apply_extensions
from swag_goals.services.extend_goal import extend_goal
from swag_goals.services.settle_extensions import settle_extensions
from tests import factories
from tests.factories import OneToOne, moved, recorded

READS = ("find", "aggregate")
WRITES = ("update", "findAndModify")
# What says nothing of a document.
ASIDE = ("hello", "endSessions", "getMore", "killCursors")


@dataclass
class Heard(CommandListener):
    """The statements since the last `clear()`, and every time that MongoDB has told so far."""

    statements: list[Mapping[str, Any]] = field(default_factory=list)
    told: set[datetime] = field(default_factory=set)

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name not in ASIDE:
            self.statements.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self.told.update(times(event.reply))

    def failed(self, event: Any) -> None: ...

    def clear(self) -> None:
        self.statements.clear()


@pytest.fixture(scope="module")
def heard(servers: Stack, documents: Database[dict[str, Any]]) -> Iterator[Heard]:
    """The documents, connected by clients that are listened to."""
    heard, make = Heard(), connections._mongodb_client
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "_mongodb_client", lambda **options: make(**options, event_listeners=[heard]))
        mongoengine.disconnect_all()
        connect_mongodb(servers.settings["MONGODB_URI"])
    yield heard
    mongoengine.disconnect_all()
    connect_mongodb(servers.settings["MONGODB_URI"])


class Mute(Enqueuer):
    """An enqueuer whose jobs nobody takes."""

    def __init__(self) -> None: ...

    def enqueue(self, extension: Extension) -> None: ...


def extend(one: OneToOne, key: str) -> Extension:
    return extend_goal(one.goal_id, one.streamer_id, key, key, enqueuer=Mute(), limits=None)


def work(*extensions: Extension) -> None:
    made = apply_extensions([job_arguments(each) for each in extensions])
    settle_extensions([each.outcome(each.events) for each in made])


def a_call(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    for _ in range(2):  # and its repeat
        extend(one, "key")
    documents["goal"].delete_one({"_id": ObjectId(one.goal_id)})
    extend(one, "key")  # and one that would be refused, were it not known


def a_job(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents, count=2)
    extension = recorded(one)
    work(extension)
    work(extension)
    again = recorded(one)
    Extension.objects(id=again.id).update_one(status="applied")
    work(again)


def a_job_of_several(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    work(recorded(one), recorded(one), recorded(one))


def a_job_with_a_new_deadline(documents: Database[dict[str, Any]]) -> None:
    work(moved(recorded(factories.one_to_one(documents)), "deadline", by=-60))


def a_rejected_job(_: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne())
    work(extension)
    work(moved(Extension.objects.get(id=extension.id), "deadline", "due", by=-60))


JOBS = (a_job, a_job_of_several, a_job_with_a_new_deadline, a_rejected_job)


def listened(heard: Heard, documents: Database[dict[str, Any]], do: Callable[..., None]) -> Sequence[Mapping[str, Any]]:
    heard.clear()
    do(documents)
    assert heard.statements
    assert {next(iter(each)) for each in heard.statements} <= {*READS, *WRITES}
    return list(heard.statements)


@pytest.mark.parametrize("do", [a_call, *JOBS])
def test_it_asks_the_shards_of_the_ids_that_it_names(
    heard: Heard, documents: Database[dict[str, Any]], do: Callable[..., None]
) -> None:
    for statement in listened(heard, documents, do):
        assert all(ids(query) for query in queries(statement)), statement


@pytest.mark.parametrize("do", [a_call, *JOBS, lambda _: ledger.release(10), lambda _: ledger.claim_due(10)])
def test_it_waits_for_a_majority(heard: Heard, documents: Database[dict[str, Any]], do: Callable[..., None]) -> None:
    for statement in listened(heard, documents, do):
        if next(iter(statement)) in WRITES:
            assert statement["writeConcern"]["w"] == "majority", statement
        else:
            assert statement["readConcern"]["level"] in ("majority", "linearizable"), statement
            assert "$readPreference" not in statement, statement


def test_why_an_update_did_not_match_is_asked_linearizably_of_one_document(
    heard: Heard, documents: Database[dict[str, Any]]
) -> None:
    asked = [
        statement
        for do in JOBS
        for statement in listened(heard, documents, do)
        if statement.get("readConcern", {}).get("level") == "linearizable"
    ]
    assert {each["aggregate"] for each in asked} == {"session"}
    assert all(len(ids(query)) == 1 for each in asked for query in queries(each))


@pytest.mark.parametrize("do", [lambda _: Session.certain(ObjectId()), lambda _: ledger_stream.complete_until()])
def test_so_is_what_an_audit_and_an_export_must_not_miss(
    heard: Heard, documents: Database[dict[str, Any]], do: Callable[..., None]
) -> None:
    (statement,) = listened(heard, documents, do)

    assert statement["readConcern"]["level"] == "linearizable"


@pytest.mark.parametrize("do", [a_call, *JOBS])
def test_every_time_in_it_is_one_that_mongodb_told(
    heard: Heard, documents: Database[dict[str, Any]], do: Callable[..., None]
) -> None:
    for statement in listened(heard, documents, do):
        assert set(times(statement)) <= heard.told, statement


def queries(statement: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a statement says of the documents that it is for."""
    match next(iter(statement)):
        case "find":
            return [statement["filter"]]
        case "aggregate":
            # MongoDB takes the first stages together where they match alike.
            first = takewhile(lambda stage: "$match" in stage, statement["pipeline"])
            return [{name: value for stage in first for name, value in stage["$match"].items()}]
        case "findAndModify":
            return [statement["query"]]
    return [each["q"] for each in statement["updates"]]


def ids(query: Mapping[str, Any]) -> list[ObjectId]:
    """The documents that a query can be for; empty where that is not known."""
    named = query.get("_id")
    found: list[Any] = named.get("$in", []) if isinstance(named, Mapping) else [named]
    return found if all(isinstance(each, ObjectId) for each in found) else []


def times(value: Any) -> Iterator[datetime]:
    """All times in it, however deep."""
    if isinstance(value, datetime):
        yield value if value.tzinfo else value.replace(tzinfo=UTC)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from times(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from times(each)
