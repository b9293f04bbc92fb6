"""The application, without a server."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask

from swag_goals.app import create_app
from tests.unit.test_settings import GOOD


@pytest.fixture(scope="session")
def app() -> Flask:
    """The app with all its routes and commands, connected to nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("swag_goals.app.connect_mongodb", lambda _uri: None)
        patch.setattr("swag_goals.app.configure_logs", lambda: None)
        return create_app(GOOD | {"ADMISSION_SECRET": "s" * 32})


@pytest.fixture(scope="session", autouse=True)
def no_authorities() -> Iterator[None]:
    """Of the machine's: nobody is connected to, and to read a hundred certificates takes a client 30 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.devnull)
        patch.setenv("SSL_CERT_DIR", os.devnull)
        yield
