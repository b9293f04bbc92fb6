"""What is answered first, where a call could be refused for two reasons."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.client import Answer, ask, bearer, extend
from tests.factories import OneToOne

KEY = "Idempotency-Key"
TOO_LARGE = b"x" * 1025
GOALS_LIMIT = 20


@pytest.fixture
def one(ledger: Database[dict[str, Any]]) -> OneToOne:
    return factories.one_to_one(ledger)


def put(door: Stack, one: OneToOne, *headers: tuple[str, str], content: bytes = b"") -> Answer:
    return ask(door, "PUT", f"/goals/{one.goal_id}/extend", headers, content)


def break_goal(ledger: Database[dict[str, Any]], one: OneToOne, **fields: Any) -> None:
    ledger["goal"].update_one({"_id": ObjectId(one.goal_id)}, {"$set": fields})


def use_up_limit(door: Stack, one: OneToOne) -> None:
    for number in range(GOALS_LIMIT):
        assert extend(door, one, (KEY, f"key-{number}")).status == 202
    assert extend(door, one, (KEY, "one-too-many")).status == 429


def test_405_before_413(door: Stack, one: OneToOne) -> None:
    assert ask(door, "PATCH", f"/goals/{one.goal_id}/extend", content=TOO_LARGE).status == 405


def test_413_before_401(door: Stack, one: OneToOne) -> None:
    assert put(door, one, content=TOO_LARGE).status == 413


def test_401_before_403(door: Stack, one: OneToOne) -> None:
    expired = factories.token(door.settings, one.streamer_id, scopes=[], exp=1)

    assert put(door, one, ("Authorization", f"Bearer {expired}")).status == 401


def test_403_before_400(door: Stack, one: OneToOne) -> None:
    assert put(door, one, bearer(door, one.streamer_id, "PAID"), (KEY, "mal formed")).status == 403


def test_400_before_a_replay(door: Stack, one: OneToOne) -> None:
    assert extend(door, one, ("X-Request-ID", "known")).status == 202

    assert extend(door, one, (KEY, "mal formed"), ("X-Request-ID", "known")).status == 400


def test_a_replay_before_404(door: Stack, ledger: Database[dict[str, Any]], one: OneToOne) -> None:
    first = extend(door, one, (KEY, "known"))
    break_goal(ledger, one, active=False)

    assert extend(door, one, (KEY, "known")).body == first.body


def test_a_replay_before_409(door: Stack, ledger: Database[dict[str, Any]], one: OneToOne) -> None:
    first = extend(door, one, (KEY, "known"))
    break_goal(ledger, one, context=None)

    assert extend(door, one, (KEY, "known")).body == first.body


def test_404_before_409(door: Stack, ledger: Database[dict[str, Any]], one: OneToOne) -> None:
    break_goal(ledger, one, context=None, active=False)

    assert extend(door, one).status == 404


def test_409_before_429(door: Stack, ledger: Database[dict[str, Any]], one: OneToOne) -> None:
    use_up_limit(door, one)
    break_goal(ledger, one, context=None)

    assert extend(door, one).status == 409


def test_a_replay_before_429(door: Stack, one: OneToOne) -> None:
    use_up_limit(door, one)

    assert extend(door, one, (KEY, "key-0")).status == 202
