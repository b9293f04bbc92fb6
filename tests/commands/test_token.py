"""`flask token`: tokens that the API accepts, until they are revoked."""

import time
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from tests import factories
from tests.commands.conftest import Run


def status(app: Flask, token: str) -> int:
    path = f"/goals/{factories.new_id()}/extensions"
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_minted_token_lets_its_user_in(app: Flask, flask: Run) -> None:
    ended = flask("token", "mint", "--sub", factories.new_id(), "--scopes", "PAID,CREATOR", "--ttl", "60")

    assert ended.status == 0
    assert status(app, ended.stdout.strip()) == 404


def test_without_the_scope_it_is_no_streamers(app: Flask, flask: Run) -> None:
    assert status(app, flask("token", "mint", "--sub", factories.new_id()).stdout.strip()) == 403


@pytest.mark.parametrize("sub", ["me", "A" * 24, "a" * 23])
def test_only_an_id_can_be_its_user(flask: Run, sub: str) -> None:
    assert flask("token", "mint", "--sub", sub).status == 2


@pytest.mark.parametrize("ttl", ["0", "86401"])
def test_it_lives_for_a_day_at_the_most(flask: Run, ttl: str) -> None:
    assert flask("token", "mint", "--sub", factories.new_id(), "--ttl", ttl).status == 2


@pytest.mark.parametrize("given", ["jti", "token"])
def test_a_revoked_one_lets_nobody_in_within_five_seconds(app: Flask, flask: Run, given: str) -> None:
    minted = flask("token", "mint", "--sub", factories.new_id(), "--scopes", "CREATOR", "--json").json
    assert status(app, minted["token"]) == 404

    assert flask("token", "revoke", minted[given]).status == 0

    until = time.monotonic() + 5
    while status(app, minted["token"]) != 401:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_without_a_jti_there_is_nothing_to_revoke(flask: Run) -> None:
    ended = flask("token", "revoke", "")

    assert ended.status == 2
    assert "give a token, or its jti" in ended.stderr


def test_who_revoked_it_and_why_is_kept(documents: Database[dict[str, Any]], flask: Run) -> None:
    flask("token", "revoke", "of-a-thief", "--by", "Ana", "--reason", "stolen")

    revoked = documents["revoked_token"].find_one({"_id": "of-a-thief"})
    assert revoked
    assert (revoked["by"], revoked["why"]) == ("Ana", "stolen")
