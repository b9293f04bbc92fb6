"""A database of its own for each test, and migrations in a folder of its own."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from dev.stack.stack import Stack


@pytest.fixture
def empty(servers: Stack) -> Iterator[Database[dict[str, Any]]]:
    """A database that nobody has written to."""
    with MongoClient[dict[str, Any]](servers.settings["MONGODB_URI"], w="majority") as client:
        name = f"migrations_{uuid.uuid4().hex}"
        yield client[name]
        client.drop_database(name)
