"""JWT_KEYS: a new key comes, and an old one goes, while clients keep what they have."""

import json
import logging
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.app import create_app
from tests.api.forge import Forge

OLD, NEW = ({name: secrets.token_hex(32)} for name in ("old", "new"))


@pytest.fixture
def web(servers: Stack, documents: Database[dict[str, Any]]) -> Iterator[Any]:
    """Makes a client of a web process with these keys."""
    handlers = logging.root.handlers[:]
    yield lambda keys: create_app(servers.settings | {"JWT_KEYS": json.dumps(keys)}).test_client()
    logging.root.handlers = handlers


def is_let_in(web: FlaskClient, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    return web.get(f"/sessions/{'a' * 24}/permissions/me", headers=headers).status_code == 404


def test_before_during_and_after(web: Any) -> None:
    old, new = Forge(OLD).token(), Forge(NEW).token()

    assert [is_let_in(web(OLD), token) for token in (old, new)] == [True, False]
    assert [is_let_in(web(OLD | NEW), token) for token in (old, new)] == [True, True]
    assert [is_let_in(web(NEW), token) for token in (old, new)] == [False, True]


def test_a_key_that_comes_again_under_its_name_is_another_key(web: Any) -> None:
    old = Forge(OLD).token()

    assert not is_let_in(web({"old": secrets.token_hex(32)}), old)


def test_the_last_key_signs(web: Any) -> None:
    runner = web(OLD | NEW).application.test_cli_runner()

    token = runner.invoke(args=["token", "mint", "--sub", "a" * 24]).stdout.strip()

    assert is_let_in(web(NEW), token)
    assert not is_let_in(web(OLD), token)
