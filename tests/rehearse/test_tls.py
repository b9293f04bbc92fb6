"""Redis by TLS, with a certificate that nobody vouches for, as Heroku gives it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo.database import Database
from redis import ConnectionError as RedisConnectionError
from redis import Redis

from dev.stack.stack import Stack
from dev.stack.tls import TlsProxy
from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.connections import connect_redis
from swag_goals.queue.extensions import ExtensionJob, enqueue, extensions_queue
from swag_goals.services.rate_limits import LimitExceeded, RateLimits
from swag_goals.settings import Rate
from tests import factories


@pytest.fixture
def url(servers: Stack) -> Iterator[str]:
    """A database of its own, by TLS."""
    with TlsProxy(urlsplit(servers.settings["REDIS_URL"]).port or 6379) as proxy:
        yield f"rediss://:@127.0.0.1:{proxy.port}/3"


@pytest.fixture
def redis(url: str) -> Iterator[Redis]:
    connection = connect_redis(url, timedelta(seconds=2.0))
    connection.flushdb()
    yield connection
    connection.close()


def test_nobody_vouches_for_the_certificate(url: str) -> None:
    with pytest.raises(RedisConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        Redis.from_url(url).ping()


def test_jobs_go_into_the_queue_and_come_out_of_it(redis: Redis, documents: Database[dict[str, Any]]) -> None:
    extension = factories.recorded(factories.one_to_one(documents))
    queue = extensions_queue(redis)

    enqueue(queue, [extension])

    (job,) = queue.jobs
    assert isinstance(job, ExtensionJob)
    assert job.kwargs["extension_id"] == str(extension.id)


def test_rates_are_limited(redis: Redis, documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    limits = RateLimits(CircuitBreaker(redis, "limits"), goal=Rate(1, 10**6), streamer=None, requests=None)
    limits.count(factories.recorded(one).id, one.goal_id, one.streamer_id)

    with pytest.raises(LimitExceeded):
        limits.count(factories.recorded(one).id, one.goal_id, one.streamer_id)
