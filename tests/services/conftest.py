"""The services on real servers, with the bell that they ring."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database
from rq import Queue

from local.stack import Stack
from swag_goals.connections import WEB_REDIS_TIMEOUT, RedisCircuit, connect_redis
from swag_goals.jobs.queue import Bell, extensions_queue

Documents = Database[dict[str, Any]]


@pytest.fixture
def circuit(servers: Stack, documents: Documents) -> Iterator[RedisCircuit]:
    """A Redis that is empty."""
    connection = connect_redis(servers.settings["REDIS_URL"], WEB_REDIS_TIMEOUT)
    connection.flushall()
    yield RedisCircuit(connection)
    connection.close()


@pytest.fixture
def bell(circuit: RedisCircuit) -> Bell:
    return Bell(circuit)


@pytest.fixture
def queue(circuit: RedisCircuit) -> Queue:
    """What the bell rings in."""
    return extensions_queue(circuit.client)
