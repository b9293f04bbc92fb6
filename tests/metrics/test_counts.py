"""How a process counts, and what a scrape costs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database
from redis import Redis, RedisError

from dev.stack.stack import Stack
from swag_goals.connections import connect_redis
from swag_goals.counts import BUCKETS, KEY, Counts, read
from swag_goals.documents.unfinished import unfinished
from swag_goals.queue.status import SWEEPER, queue_status, sweeper_lives
from tests import factories


@pytest.fixture
def redis(servers: Stack) -> Iterator[Redis]:
    connection = connect_redis(servers.settings["REDIS_URL"], timedelta(seconds=2.0))
    connection.delete(KEY, SWEEPER)
    yield connection
    connection.close()


def send(counts: Counts, redis: Redis) -> None:
    with redis.pipeline(transaction=False) as pipeline:
        counts.send(pipeline)


def test_processes_add_to_one_sum(redis: Redis) -> None:
    for _ in range(2):
        counts = Counts()
        counts.add("requested")
        counts.add("rejected", "session_missing", amount=2)
        send(counts, redis)
        send(counts, redis)

    assert read(redis) == {("requested", ""): 2, ("rejected", "session_missing"): 4}


def test_what_redis_did_not_take_is_sent_with_the_next(redis: Redis) -> None:
    counts = Counts()
    counts.add("requested")
    with pytest.raises(RedisError):
        send(counts, connect_redis("redis://127.0.0.1:1/0", timedelta(seconds=0.2)))

    send(counts, redis)

    assert read(redis) == {("requested", ""): 1}


@pytest.mark.parametrize(("seconds", "bucket"), [(0, 0), (BUCKETS[0], 0), (0.051, 1), (1e9, len(BUCKETS)), (-1, 0)])
def test_a_time_falls_into_the_first_bucket_that_holds_it(redis: Redis, seconds: float, bucket: int) -> None:
    counts = Counts()
    counts.observe("requested_to_applied", timedelta(seconds=seconds))
    send(counts, redis)

    milliseconds = {("requested_to_applied", "ms"): max(round(seconds * 1000), 0)}
    assert read(redis) == {("requested_to_applied", str(bucket)): 1} | milliseconds


def test_a_sweeper_is_known_to_live_for_some_seconds(redis: Redis) -> None:
    assert not queue_status(redis).sweeper

    sweeper_lives(redis)

    assert queue_status(redis).sweeper


def test_a_scrape_reads_nothing_of_what_is_finished(documents: Database[dict[str, Any]]) -> None:
    documents["extension"].update_many({}, {"$unset": {"due": ""}})
    documents["extension"].insert_many([{"status": "done", "requested_at": None} for _ in range(5_000)])
    factories.recorded(factories.one_to_one(documents))
    documents.command("profile", 2)
    try:
        assert unfinished()["pending"].count >= 1
    finally:
        documents.command("profile", 0)
    plan = documents["system.profile"].find_one({"command.aggregate": "extension"}, sort=[("ts", -1)])
    assert plan
    assert plan["docsExamined"] == 0
    assert plan["keysExamined"] < 1_000
