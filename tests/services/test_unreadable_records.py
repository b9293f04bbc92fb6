"""A record that another hand made unreadable is named and passed over; what stands beside it goes its way."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rq import Queue

from swag_goals.documents import ledger, ledger_queries
from swag_goals.documents.extension import Extension
from swag_goals.documents.record_shape import UnreadableExtension
from swag_goals.documents.unfinished import overdue, unfinished
from swag_goals.queue.extensions import job_arguments
from swag_goals.services import retry_overdue
from swag_goals.services.apply_extensions import apply_extensions
from tests import factories
from tests.factories import moved, recorded
from tests.jobs.conftest import Documents

MANGLED: list[dict[str, Any]] = [
    {"viewers": None},
    {"viewers": []},
    {"viewers": "all"},
    {"viewers": [7]},
    {"viewers": ["$where"]},
    {"nbf": None},
    {"nbf": "2026-01-31T12:00:00.000Z"},
    {"requested_at": 0},
    {"deadline": "soon"},
    {"duration": "60"},
    {"duration": True},
    {"session_id": {"a": 1}},
    {"session_id": ["a"]},
    {"goal_id": None},
    {"notify_sd_viewers": 1},
    {"permissions": {"a": {"nbf": "x"}}},
    {"before": []},
    {"taken_back": {"a": "60"}},
    {"void_of": "a"},
    {"reason": {"code": "x"}},
    {"operations": 1},
]
mangled = pytest.mark.parametrize("mangle", MANGLED, ids=str)
Pair = tuple[Extension, Extension]


@pytest.fixture
def pair(documents: Documents, queue: Queue) -> Iterator[Callable[[dict[str, Any]], Pair]]:
    """Two overdue extensions: of one, this is mangled."""

    def pair(mangle: dict[str, Any]) -> Pair:
        bad, good = (moved(recorded(factories.one_to_one(documents)), "due", by=-60) for _ in range(2))
        documents["extension"].update_one({"_id": bad.id}, {"$set": {"foreign": True, **mangle}})
        return bad, good

    yield pair
    documents["extension"].delete_many({"foreign": True})


@mangled
def test_the_sweeper_retries_the_other_and_names_this_one(
    pair: Callable[[dict[str, Any]], Pair], queue: Queue, mangle: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = pair(mangle)

    assert retry_overdue.sweep(queue) == 1

    assert queue.get_job_ids() == [str(good.id)]
    assert [line.__dict__["extension_id"] for line in caplog.records if "cannot be read" in line.message] == [
        str(bad.id)
    ]


@mangled
def test_the_worker_applies_the_other(pair: Callable[[dict[str, Any]], Pair], mangle: dict[str, Any]) -> None:
    bad, good = pair({})
    jobs = [job_arguments(each) for each in (bad, good)]
    Extension._get_collection().update_one({"_id": bad.id}, {"$set": {"foreign": True, **mangle}})

    assert [attempt.extension.id for attempt in apply_extensions(jobs)] == [good.id]


@mangled
def test_guards_forget_the_other(
    documents: Documents, pair: Callable[[dict[str, Any]], Pair], mangle: dict[str, Any]
) -> None:
    ids = [each.id for each in pair(mangle)]
    documents["extension"].update_many({"_id": {"$in": ids}}, [{"$set": {"release_at": "$$NOW"}}])

    assert ledger.release(10) == 2
    assert documents["extension"].count_documents({"release_at": {"$exists": True}}) == 0


@mangled
def test_what_operators_and_metrics_ask_is_answered(
    pair: Callable[[dict[str, Any]], Pair], mangle: dict[str, Any]
) -> None:
    bad, good = pair(mangle)
    moved(good, "requested_at", by=-60)

    assert good.id in [each.id for each in overdue(100_000)]
    assert bad.id not in [each.id for each in overdue(100_000)]
    assert good.id in [each.id for each in ledger_queries.newest(None, 100_000)]
    assert sum(each.count for each in unfinished().values()) == 2


@mangled
def test_reading_this_one_says_that_it_cannot_be_read(
    pair: Callable[[dict[str, Any]], Pair], mangle: dict[str, Any]
) -> None:
    bad, _ = pair(mangle)

    with pytest.raises(UnreadableExtension, match=str(bad.id)):
        ledger_queries.find(bad.id)
    with pytest.raises(UnreadableExtension):
        Extension.repeat(bad.id)


@pytest.mark.parametrize("retries", ["often", float("nan"), {}, None])
def test_a_count_of_retries_that_is_none_begins_anew(
    pair: Callable[[dict[str, Any]], Pair], queue: Queue, retries: Any
) -> None:
    bad, _ = pair({"retries": retries})

    assert retry_overdue.sweep(queue) == 2

    assert Extension.objects.get(id=bad.id).retries == 1


def test_so_does_a_count_of_requests(pair: Callable[[dict[str, Any]], Pair]) -> None:
    bad, _ = pair({"requests": {}})

    repeated = Extension.repeat(bad.id)

    assert repeated is not None
    assert repeated.requests == 2
