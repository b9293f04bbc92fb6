"""The app in this process, on real servers."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from local.stack import Stack
from swag_goals.app import create_app


@pytest.fixture(scope="session")
def app(servers: Stack, documents: Database[dict[str, Any]]) -> Iterator[Flask]:
    """The app without METRICS_TOKEN."""
    handlers = logging.root.handlers[:]
    yield create_app(servers.settings)
    logging.root.handlers = handlers
