"""Real servers beneath the tests. Each pytest process has its own, on ports of their own."""

import logging
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mongoengine
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from pymongo.database import Database
from werkzeug.test import TestResponse

from dev.stack.stack import Stack, foreign_servers
from swag_goals.app import create_app
from swag_goals.connections import connect_mongodb
from tests import conformance, factories

TESTS = Path(__file__).parent

# Hypothesis judges what comes out, not how long a busy machine takes for it.
settings.register_profile("all", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("all"), max_examples=15)  # for the inner loop
settings.register_profile("unshrunk", settings.get_profile("all"), phases=[Phase.generate])  # that it fails is enough
settings.load_profile("all")


def pytest_configure() -> None:
    """A run in the background ignores Ctrl-C, and so would the processes that tests press it on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files that no busy machine disturbs first, or one process would be at them when the others are done."""
    first = [TESTS / name for name in ("model", "stack", "docs")]
    items.sort(key=lambda item: not any(item.path.is_relative_to(folder) for folder in first))


def pytest_report_header() -> list[str]:
    return foreign_servers()


class Client(FlaskClient):
    """Flask's, which holds every answer of the program to its description."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        if "swag_goals" in self.application.extensions:
            asked = answer.request
            conformance.check(
                asked.method, asked.path, answer.status_code, answer.headers.to_wsgi_list(), answer.get_data()
            )
        return answer


@pytest.fixture(scope="session", autouse=True)
def every_answer_is_described() -> Iterator[None]:
    """Hold what Flask's client is answered to the description; those on the wire do it by themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "test_client_class", Client)
        yield


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """MongoDB, Redis and a Pusher server, and nothing of the program."""
    with Stack(processes={}) as servers:
        yield servers


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole system: one web, one worker, one sweeper, and servers of their own."""
    with Stack() as stack:
        yield stack


@pytest.fixture(scope="session")
def documents(servers: Stack) -> Iterator[Database[dict[str, Any]]]:
    """The program's documents connected to `servers`, with its indexes; the database as tests see it."""
    factories.migrate(servers)
    connect_mongodb(servers.settings["MONGODB_URI"])
    with factories.database(servers) as database:
        yield database
    mongoengine.disconnect_all()


@pytest.fixture(scope="session")
def database(stack: Stack) -> Iterator[Database[dict[str, Any]]]:
    """The database of `stack`, as another program sees it."""
    with factories.database(stack) as database:
        yield database


@pytest.fixture(scope="session")
def app(servers: Stack, documents: Database[dict[str, Any]]) -> Iterator[Flask]:
    """The app in this process, on `servers`."""
    handlers = logging.root.handlers[:]
    yield create_app(servers.settings)
    logging.root.handlers = handlers
