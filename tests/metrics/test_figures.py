"""The figures of the whole system: two processes behind one address, two workers, one sweeper."""

from collections.abc import Callable, Iterator
from typing import Any

import bson
import pytest
import urllib3
from bson import ObjectId
from pymongo.database import Database
from redis import Redis

from dev.stack.stack import Stack
from swag_goals.queue.extensions import extensions_queue
from tests import factories
from tests.eventually import eventually
from tests.metrics.exposition import Samples, samples
from tests.refusing_redis import FULL, work_again

EXTENDED, REPEATED = 12, 5


@pytest.fixture(scope="module")
def busy() -> Iterator[Stack]:
    """A system that has extended some goals, some of them repeatedly, and rejected one."""
    with Stack(processes={"web": 1, "worker": 2, "sweeper": 1}, settings={"WEB_CONCURRENCY": "2"}) as stack:
        with factories.database(stack) as database:
            for number in range(EXTENDED):
                one = factories.one_to_one(database, count=2)
                for _ in range(2 if number < REPEATED else 1):
                    assert factories.extend(stack, one, key="the-same").status in (200, 202)
            without_session = factories.OneToOne()
            factories.goal(database, without_session)
            factories.extend(stack, without_session)
        yield stack


@pytest.fixture(scope="module")
def database(busy: Stack) -> Iterator[Database[dict[str, Any]]]:
    with factories.database(busy) as database:
        yield database


@pytest.fixture
def scrape(busy: Stack) -> Callable[[], Samples]:
    def scrape() -> Samples:
        # A new connection each time, for either of the two processes to answer.
        return samples(urllib3.request("GET", f"{busy.urls['web']}/metrics", retries=False).data.decode())

    return scrape


def test_what_happened_is_counted_once_whichever_process_did_it(scrape: Callable[[], Samples]) -> None:
    expected = {
        "swag_goals_extensions_requested_total": EXTENDED + 1,
        "swag_goals_extensions_replayed_total": REPEATED,
        "swag_goals_extensions_applied_total": EXTENDED,
        "swag_goals_extensions_notified_total": EXTENDED,
        "swag_goals_extensions_not_notified_total": 0,
        'swag_goals_extensions_rejected_total{reason="session_missing"}': 1,
        'swag_goals_extensions_rejected_total{reason="viewers_unreadable"}': 0,
        "swag_goals_requested_to_applied_seconds_count": EXTENDED,
        "swag_goals_applied_to_notified_seconds_count": EXTENDED,
    }
    eventually(lambda: expected.items() <= scrape().items())
    assert all(expected.items() <= scrape().items() for _ in range(10))


def test_pusher_is_called_with_up_to_ten_events_at_a_time(scrape: Callable[[], Samples]) -> None:
    calls = eventually(lambda: scrape()['swag_goals_pusher_calls_total{result="accepted"}'])

    assert 2 * EXTENDED / 10 <= calls <= EXTENDED
    assert scrape()['swag_goals_pusher_calls_total{result="unavailable"}'] == 0


def test_times_are_those_of_the_ledger(scrape: Callable[[], Samples], database: Database[dict[str, Any]]) -> None:
    eventually(lambda: scrape()["swag_goals_applied_to_notified_seconds_count"] == EXTENDED)
    done = list(database["extension"].find({"status": "done"}))
    requested_to_applied = sum((each["applied_at"] - each["requested_at"]).total_seconds() for each in done)
    applied_to_notified = sum((each["notified_at"] - each["applied_at"]).total_seconds() for each in done)
    seen = scrape()

    assert seen["swag_goals_requested_to_applied_seconds_sum"] == pytest.approx(requested_to_applied, abs=0.02)
    # The worker knows MongoDB's time to some milliseconds.
    assert seen["swag_goals_applied_to_notified_seconds_sum"] == pytest.approx(applied_to_notified, abs=0.05 * EXTENDED)
    assert seen['swag_goals_requested_to_applied_seconds_bucket{le="+Inf"}'] == EXTENDED


def test_the_size_of_the_ledger_is_that_of_its_records(
    scrape: Callable[[], Samples], database: Database[dict[str, Any]]
) -> None:
    eventually(lambda: scrape()["swag_goals_applied_to_notified_seconds_count"] == EXTENDED)
    rows = list(database["extension"].find())
    seen = scrape()

    assert seen["swag_goals_ledger_extensions"] == len(rows)
    assert seen["swag_goals_ledger_bytes"] == pytest.approx(sum(len(bson.encode(row)) for row in rows), rel=0.1)


def test_what_waits_is_seen_while_no_worker_runs(
    busy: Stack, database: Database[dict[str, Any]], scrape: Callable[[], Samples]
) -> None:
    assert scrape()["swag_goals_workers"] == 2
    for worker in ("worker-1", "worker-2"):
        busy.stop(worker)
    extension = factories.extend(busy, factories.one_to_one(database)).body["id"]
    long_ago = [{"$set": {"requested_at": {"$subtract": ["$requested_at", 100_000]}}}]
    database["extension"].update_one({"_id": ObjectId(extension)}, long_ago)
    try:
        waiting = scrape()
        assert waiting["swag_goals_workers"] == 0
        assert waiting["swag_goals_queue_jobs"] >= 1
        assert waiting['swag_goals_unfinished_extensions{status="pending"}'] == 1
        assert 100 <= waiting['swag_goals_oldest_unfinished_seconds{status="pending"}'] < 200
        with Redis.from_url(busy.settings["REDIS_URL"]) as redis:
            extensions_queue(redis).empty()  # a job that waits is not enqueued again
        eventually(lambda: scrape()["swag_goals_extensions_retried_total"])
    finally:
        for worker in ("worker-1", "worker-2"):
            busy.start(worker)
    eventually(lambda: scrape()['swag_goals_oldest_unfinished_seconds{status="pending"}'] == 0)


def test_no_user_is_in_a_label(busy: Stack, scrape: Callable[[], Samples], database: Database[dict[str, Any]]) -> None:
    users = {str(each["streamer_id"]) for each in database["extension"].find()}

    assert users
    assert not any(user in sample for user in users for sample in scrape())


def test_without_redis_the_figures_of_the_ledger_are_still_there(busy: Stack, scrape: Callable[[], Samples]) -> None:
    busy.stop("redis")
    try:
        without = scrape()
    finally:
        busy.start("redis")
    assert without["swag_goals_redis_up"] == 0
    assert without["swag_goals_mongodb_up"] == 1
    assert "swag_goals_overdue_extensions" in without
    assert "swag_goals_extensions_requested_total" not in without
    eventually(lambda: scrape()["swag_goals_redis_up"])


def test_a_redis_that_takes_nothing_is_not_up_also_where_nothing_was_counted(
    busy: Stack, scrape: Callable[[], Samples]
) -> None:
    eventually(lambda: scrape()["swag_goals_redis_up"])
    with Redis.from_url(busy.settings["REDIS_URL"]) as redis:
        FULL["OOM"](redis)
        try:
            up = [scrape()["swag_goals_redis_up"] for _ in range(10)]
        finally:
            work_again(redis)

    assert up == [0] * 10
    assert all(scrape()["swag_goals_redis_up"] for _ in range(10))
