"""The key of a call: the same again is the same extension."""

import uuid
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.client import extend
from tests.factories import OneToOne

KEY, ID = "Idempotency-Key", "X-Request-ID"

MALFORMED = {
    "empty": "",
    "too long": "k" * 201,
    "a space": "one two",
    "a tab": "one\ttwo",
    "a comma": "one,two",
    "a slash": "one/two",
    "a semicolon": "one;two",
    "a percent sign": "one%20two",
    "a quote before": '"one',
    "a quote behind": 'one"',
    "two pairs of quotes": '""one""',
    "nothing in quotes": '""',
    "single quotes": "'one'",
    "a letter with an accent": "cl\xe9",
    "digits of another script": "\xd9\xa1",
    "an operator of MongoDB": "$where",
    "braces": "{}",
}


@pytest.fixture
def one(ledger: Database[dict[str, Any]]) -> OneToOne:
    return factories.one_to_one(ledger)


def recorded(ledger: Database[dict[str, Any]], one: OneToOne) -> int:
    return ledger["extension"].count_documents({"goal_id": ObjectId(one.goal_id)})


def test_the_same_key_is_the_same_extension(door: Stack, ledger: Database[dict[str, Any]], one: OneToOne) -> None:
    first, second = (extend(door, one, (KEY, "one")) for _ in range(2))

    assert first.status == second.status == 202
    assert first.body == second.body
    assert first.headers["Location"] == second.headers["Location"] == first.body["links"]["self"]
    assert first.headers["Idempotent-Replayed"] is None
    assert second.headers["Idempotent-Replayed"] == "true"
    assert recorded(ledger, one) == 1


def test_another_key_is_another_extension(door: Stack, one: OneToOne) -> None:
    ids = {extend(door, one, (KEY, key)).body["id"] for key in ("one", "One", "one.", "1" * 200)}

    assert len(ids) == 4


def test_its_quotes_do_not_belong_to_it(door: Stack, one: OneToOne) -> None:
    assert extend(door, one, (KEY, '"one"')).body["id"] == extend(door, one, (KEY, "one")).body["id"]


def test_without_one_the_request_id_is_the_key(door: Stack, one: OneToOne) -> None:
    first = extend(door, one, (ID, "one"))

    assert first.headers[ID] == "one"
    assert extend(door, one, (KEY, "one")).body["id"] == first.body["id"]


def test_it_comes_before_the_request_id(door: Stack, one: OneToOne) -> None:
    first, second = (extend(door, one, (KEY, "one"), (ID, request_id)) for request_id in ("a", "b"))

    assert second.body["id"] == first.body["id"]
    assert second.headers[ID] == "b"


def test_without_either_a_key_is_made_and_returned(door: Stack, one: OneToOne) -> None:
    first, second = extend(door, one), extend(door, one)

    assert first.body["id"] != second.body["id"]
    assert uuid.UUID(first.headers[ID]).version == 4
    assert extend(door, one, (KEY, first.headers[ID])).body["id"] == first.body["id"]


def test_on_another_goal_it_is_another_extension(door: Stack, ledger: Database[dict[str, Any]], one: OneToOne) -> None:
    other = OneToOne(streamer_id=one.streamer_id)
    factories.goal(ledger, other)

    assert extend(door, one, (KEY, "one")).body["id"] != extend(door, other, (KEY, "one")).body["id"]


def test_it_is_remembered_when_the_goal_is_gone(door: Stack, ledger: Database[dict[str, Any]], one: OneToOne) -> None:
    first = extend(door, one, (KEY, "one"))
    ledger["goal"].delete_one({"_id": ObjectId(one.goal_id)})

    again = extend(door, one, (KEY, "one"))

    assert again.status == 202
    assert again.body == first.body
    assert extend(door, one, (KEY, "two")).status == 404


@pytest.mark.parametrize("header", [KEY, ID])
@pytest.mark.parametrize("key", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_one_is_refused(
    door: Stack, ledger: Database[dict[str, Any]], one: OneToOne, header: str, key: str
) -> None:
    answer = extend(door, one, (header, key))

    assert answer.status == 400
    assert answer.body["code"] == "key_malformed"
    assert recorded(ledger, one) == 0


@pytest.mark.parametrize("header", [KEY, ID])
def test_one_that_is_sent_twice_is_refused(
    door: Stack, ledger: Database[dict[str, Any]], one: OneToOne, header: str
) -> None:
    assert extend(door, one, (header, "one"), (header, "one")).status == 400
    assert extend(door, one, (header, "one"), (header, "two")).status == 400
    assert recorded(ledger, one) == 0


@pytest.mark.parametrize("request_id", [*MALFORMED.values()], ids=MALFORMED)
def test_beside_a_good_one_a_malformed_request_id_is_replaced(door: Stack, one: OneToOne, request_id: str) -> None:
    answer = extend(door, one, (KEY, "one"), (ID, request_id))

    assert answer.status == 202
    assert uuid.UUID(answer.headers[ID]).version == 4
