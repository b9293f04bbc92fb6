"""The services on real servers, with the queue that they enqueue into."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database
from rq import Queue

from dev.stack.stack import Stack
from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.connections import connect_redis
from swag_goals.queue.extensions import Enqueuer, extensions_queue
from swag_goals.time_limits import WEB_REDIS_TIMEOUT

Documents = Database[dict[str, Any]]


@pytest.fixture
def breaker(servers: Stack, documents: Documents) -> Iterator[CircuitBreaker]:
    """A Redis that is empty."""
    connection = connect_redis(servers.settings["REDIS_URL"], WEB_REDIS_TIMEOUT)
    connection.flushall()
    yield CircuitBreaker(connection, "test")
    connection.close()


@pytest.fixture
def enqueuer(breaker: CircuitBreaker) -> Enqueuer:
    return Enqueuer(breaker)


@pytest.fixture
def queue(breaker: CircuitBreaker) -> Queue:
    """What the enqueuer enqueues into."""
    return extensions_queue(breaker.client)
