"""A Redis that is far away is not one that is away: all callers of a process are limited and enqueued."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from rq import Queue

from dev.stack.forwarder import Forwarder
from dev.stack.stack import Stack
from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.rate_limits import LimitExceeded, RateLimits
from swag_goals.settings import Rate
from swag_goals.time_limits import WEB_REDIS_TIMEOUT
from tests import factories
from tests.eventually import eventually
from tests.factories import new_id
from tests.services.conftest import Documents

CALLERS = 16  # gunicorn's threads
FAR = 0.06  # seconds of a round trip


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


def in_time(waits: list[float]) -> bool:
    return max(waits) < WEB_REDIS_TIMEOUT.total_seconds()


def test_all_who_call_at_once_are_enqueued_in_time(
    road: Forwarder, far: Callable[[str], CircuitBreaker], queue: Queue, extensions: list[Extension]
) -> None:
    road.delay = FAR

    def all_are() -> bool:
        queue.delete()
        enqueuer = Enqueuer(far("enqueue"))
        waits = at_once([partial(enqueuer.enqueue, each) for each in extensions])
        return in_time(waits) and set(queue.job_ids) == {str(each.id) for each in extensions}

    eventually(all_are)  # as soon as the machine has a moment for them


def test_all_who_call_at_once_are_limited_in_time(road: Forwarder, far: Callable[[str], CircuitBreaker]) -> None:
    road.delay = FAR

    def all_are() -> bool:
        limits, goal, refused = (
            RateLimits(far("limits"), goal=Rate(CALLERS // 2, 86400), streamer=None, requests=None),
            new_id(),
            [],
        )

        def count() -> None:
            try:
                limits.count(ObjectId(), goal, new_id())
            except LimitExceeded as refusal:
                refused.append(refusal)

        return in_time(at_once([count] * CALLERS)) and len(refused) == CALLERS - CALLERS // 2

    eventually(all_are)


def test_when_it_freezes_each_who_waits_waits_once_and_the_next_ones_not_at_all(
    road: Forwarder, far: Callable[[str], CircuitBreaker], extensions: list[Extension]
) -> None:
    def so_it_is() -> bool:
        enqueuer = Enqueuer(far("enqueue"))
        calls: list[Callable[[], None]] = [partial(enqueuer.enqueue, each) for each in extensions]
        road.frozen = False
        at_once(calls)
        road.frozen = True
        waits, next_waits = at_once(calls), at_once(calls)
        return max(waits) < 1.5 * WEB_REDIS_TIMEOUT.total_seconds() and max(next_waits) < FAR

    eventually(so_it_is)
