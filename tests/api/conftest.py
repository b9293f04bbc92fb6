"""The front door: a web of two processes, two keys and two origins, over the tests' servers."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.forge import Forge

ORIGINS = ("https://swag.live", "https://m.swag.live:8443", "capacitor://localhost")


@pytest.fixture(scope="session")
def door(servers: Stack) -> Iterator[Stack]:
    """The service's web, without a worker. Its limits do not end with the minute."""
    settings = {
        "JWT_KEYS": json.dumps({name: secrets.token_hex(32) for name in ("older", "newer")}),
        "CORS_ORIGINS": ",".join(ORIGINS),
        "RATE_LIMIT_GOAL": "20/day",
        "WEB_CONCURRENCY": "2",
    }
    with Stack(processes={"web": 1}, settings=servers.settings | settings) as door:
        yield door


@pytest.fixture(scope="session")
def ledger(door: Stack) -> Iterator[Database[dict[str, Any]]]:
    """The database behind the door, as another program sees it."""
    with factories.database(door) as database:
        yield database


@pytest.fixture
def forge(door: Stack) -> Forge:
    """Makes tokens of a new user."""
    return Forge(json.loads(door.settings["JWT_KEYS"]))
