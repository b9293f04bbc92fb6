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
from swag_goals.time_limits import WEB_REDIS_TIMEOUT, WORKER_REDIS_TIMEOUT

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
def queue(servers: Stack, documents: Documents) -> Iterator[Queue]:
    """What the enqueuer enqueues into, empty; nothing else in the ledger is to be done."""
    documents["extension"].update_many({}, {"$unset": {"due": "", "release_at": ""}})
    connection = connect_redis(servers.settings["REDIS_URL"], WORKER_REDIS_TIMEOUT)
    connection.flushall()
    yield extensions_queue(connection)
    connection.close()
