"""A Redis that refuses one thing keeps nobody from another, costs no time, and is logged once with its cause."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from bson import ObjectId
from redis import Redis
from rq import Queue

from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.queue.extensions import Enqueuer, extensions_queue
from swag_goals.services.rate_limits import LimitExceeded, RateLimits
from swag_goals.settings import Rate
from swag_goals.time_limits import WEB_REDIS_TIMEOUT
from tests import factories
from tests.factories import new_id
from tests.refusing_redis import NO_SCRIPTS, NO_WRITES, port_of, redis_servers, work_again
from tests.services.conftest import Documents


@pytest.fixture(scope="module")
def own() -> Iterator[Redis]:
    with redis_servers() as (own,):
        yield own


@pytest.fixture
def refusing(own: Redis) -> Iterator[Redis]:
    """A Redis that a test may have refuse what it likes."""
    own.flushall()
    yield own
    work_again(own)


@dataclass(frozen=True)
class Program:
    """How the program uses it: a goal may be extended once a day."""

    limits: RateLimits
    enqueuer: Enqueuer
    queue: Queue


@pytest.fixture
def program(refusing: Redis) -> Iterator[Program]:
    with connect_redis(f"redis://127.0.0.1:{port_of(refusing)}/0", WEB_REDIS_TIMEOUT) as client:
        limits = RateLimits(CircuitBreaker(client, "limits"), goal=Rate(1, 86400), streamer=None, requests=None)
        yield Program(limits, Enqueuer(CircuitBreaker(client, "enqueue")), extensions_queue(client))


@pytest.fixture(scope="module")
def extension(documents: Documents) -> Extension:
    return factories.recorded(factories.one_to_one(documents))


def of_another_type(redis: Redis) -> None:
    """Every window of the limits is one."""
    for key in redis.keys("swag_goals:limit:*"):
        redis.set(key, "text")


LIMITS_REFUSED: dict[str, Callable[[Redis], object]] = {**NO_SCRIPTS, "WRONGTYPE": of_another_type}


@pytest.mark.parametrize("refusal", LIMITS_REFUSED)
def test_refused_limits_let_all_through_and_do_not_keep_the_jobs_out(
    refusing: Redis,
    program: Program,
    extension: Extension,
    refusal: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    goal, streamer = new_id(), new_id()
    program.limits.count(ObjectId(), goal, streamer)
    LIMITS_REFUSED[refusal](refusing)

    began = time.monotonic()
    for _ in range(20):
        program.limits.count(ObjectId(), goal, streamer)
    took = time.monotonic() - began
    program.enqueuer.enqueue(extension)

    assert took < 20 * WEB_REDIS_TIMEOUT.total_seconds()
    assert program.queue.job_ids == [str(extension.id)]
    (line,) = warnings(caplog)
    assert (line.message, vars(line)["purpose"], vars(line)["cause"]) == ("redis refuses", "limits", refusal)
    assert goal not in str(vars(line))


@pytest.mark.parametrize("refusal", NO_WRITES)
def test_a_refused_job_is_logged_with_its_cause_and_the_next_one_is_tried_again(
    refusing: Redis,
    program: Program,
    extension: Extension,
    refusal: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    NO_WRITES[refusal](refusing)
    for _ in range(3):
        program.enqueuer.enqueue(extension)
    work_again(refusing)
    program.enqueuer.enqueue(extension)

    assert program.queue.job_ids == [str(extension.id)]
    lines = [(line.message, vars(line)["cause"]) for line in warnings(caplog)]
    assert lines == [("redis refuses", refusal)] + 3 * [("not enqueued, left to the sweeper", refusal)]


def test_limits_hold_again_when_they_are_no_longer_refused(refusing: Redis, program: Program) -> None:
    goal, streamer = new_id(), new_id()
    NO_SCRIPTS["NOPERM"](refusing)
    program.limits.count(ObjectId(), goal, streamer)
    work_again(refusing)
    program.limits.count(ObjectId(), goal, streamer)

    with pytest.raises(LimitExceeded):
        program.limits.count(ObjectId(), goal, streamer)


def warnings(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.WARNING]
