"""A Redis that is far away is not one that is away: all callers of a process are limited and enqueued."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from rq import Queue

from dev.stack.stack import Stack
from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.rate_limits import LimitExceeded, RateLimits
from swag_goals.settings import Rate
from swag_goals.time_limits import WEB_REDIS_TIMEOUT
from tests import factories
from tests.factories import new_id
from tests.forwarder import Forwarder
from tests.services.conftest import Documents

CALLERS = 16  # gunicorn's threads
FAR = 0.06  # seconds of a round trip
SLACK = 0.15  # seconds that a busy machine may take for the callers' own work


@pytest.fixture
def road(servers: Stack) -> Iterator[Forwarder]:
    """The road to Redis, which tests make longer, or close."""
    with Forwarder(urlsplit(servers.settings["REDIS_URL"]).port or 0) as road:
        yield road


@pytest.fixture
def far(road: Forwarder, queue: Queue) -> Iterator[Callable[[str], CircuitBreaker]]:
    """Makes the breaker of a purpose, for a Redis at the end of the road; `queue` is there as well."""
    connection = connect_redis(f"redis://127.0.0.1:{road.port}/0", WEB_REDIS_TIMEOUT)
    yield lambda purpose: CircuitBreaker(connection, purpose)
    connection.close()


@pytest.fixture(scope="module")
def extensions(documents: Documents) -> list[Extension]:
    return [factories.recorded(factories.one_to_one(documents)) for _ in range(CALLERS)]


def at_once(calls: list[Callable[[], None]]) -> list[float]:
    """Do them side by side; the seconds that each took."""
    start = threading.Barrier(len(calls), timeout=30)

    def timed(call: Callable[[], None]) -> float:
        start.wait()
        began = time.monotonic()
        call()
        return time.monotonic() - began

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(timed, calls))


def test_all_who_call_at_once_are_enqueued_in_time(
    road: Forwarder, far: Callable[[str], CircuitBreaker], queue: Queue, extensions: list[Extension]
) -> None:
    road.delay = FAR
    enqueuer = Enqueuer(far("enqueue"))

    waits = at_once([lambda each=each: enqueuer.enqueue(each) for each in extensions])  # type: ignore[misc]

    assert set(queue.job_ids) == {str(each.id) for each in extensions}
    assert max(waits) < WEB_REDIS_TIMEOUT.total_seconds() + SLACK


def test_all_who_call_at_once_are_limited_in_time(road: Forwarder, far: Callable[[str], CircuitBreaker]) -> None:
    road.delay = FAR
    goal, streamer = new_id(), new_id()
    limits = RateLimits(far("limits"), Rate(CALLERS // 2, 86400), None)
    refused = []

    def count() -> None:
        try:
            limits.count(ObjectId(), goal, streamer)
        except LimitExceeded as refusal:
            refused.append(refusal)

    waits = at_once([count] * CALLERS)

    assert len(refused) == CALLERS - CALLERS // 2
    assert max(waits) < WEB_REDIS_TIMEOUT.total_seconds() + SLACK


def test_when_it_freezes_each_who_waits_waits_once_and_the_next_ones_not_at_all(
    road: Forwarder, far: Callable[[str], CircuitBreaker], extensions: list[Extension]
) -> None:
    enqueuer = Enqueuer(far("enqueue"))
    at_once([lambda each=each: enqueuer.enqueue(each) for each in extensions])  # type: ignore[misc]
    road.frozen = True

    first = at_once([lambda each=each: enqueuer.enqueue(each) for each in extensions])  # type: ignore[misc]
    next_ones = at_once([lambda each=each: enqueuer.enqueue(each) for each in extensions])  # type: ignore[misc]

    assert max(first) < WEB_REDIS_TIMEOUT.total_seconds() + SLACK
    assert max(next_ones) < SLACK
