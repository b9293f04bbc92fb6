"""One 404 for everything that is not the caller's to know."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.client import Answer, ask, bearer, extend
from tests.api.forge import Forge
from tests.factories import OneToOne

Documents = Database[dict[str, Any]]

MALFORMED = (
    "x",
    "0",
    "null",
    "undefined",
    "-",
    "..",
    "%00",
    "%ff%fe",
    "%0a",
    "%20",
    "%7B%22$ne%22:null%7D",
    "$where",
    "68233d1c5f0a7d3e9c4b2a1",
    "68233d1c5f0a7d3e9c4b2a100",
    "68233D1C5F0A7D3E9C4B2A10",
    "68233d1c5f0a7d3e9c4b2a1g",
    "68233d1c5f0a7d3e9c4b2a10%0a",
    "%EF%BC%96" * 24,
    "a" * 3000,
)


def unknown(documents: Documents) -> OneToOne:
    return OneToOne()


def inactive(documents: Documents) -> OneToOne:
    one = OneToOne()
    factories.goal(documents, one, active=False)
    return one


def active_in_a_list(documents: Documents) -> OneToOne:
    one = OneToOne()
    factories.goal(documents, one, active=[True])
    return one


def not_exclusive(documents: Documents) -> OneToOne:
    one = OneToOne()
    factories.goal(documents, one, _cls="Goal")
    return one


def of_another_kind(documents: Documents) -> OneToOne:
    one = OneToOne()
    factories.goal(documents, one, _cls="Goal.GroupGoal")
    return one


def anothers(documents: Documents) -> OneToOne:
    one = factories.one_to_one(documents)
    return OneToOne(goal_id=one.goal_id)


def nobodys(documents: Documents) -> OneToOne:
    one = OneToOne()
    factories.goal(documents, one, metadata={"user": None})
    return one


def of_several(documents: Documents) -> OneToOne:
    one = OneToOne()
    factories.goal(documents, one, metadata={"user": {"id": [one.streamer_id, factories.new_id()]}})
    return one


HIDDEN = (unknown, inactive, active_in_a_list, not_exclusive, of_another_kind, anothers, nobodys, of_several)
by_name = pytest.mark.parametrize("make", HIDDEN, ids=lambda make: make.__name__)


def said(answer: Answer) -> dict[str, Any]:
    """What the caller learns, but for the request's id."""
    return {name: value for name, value in answer.body.items() if name != "request_id"}


@pytest.fixture
def usual(door: Stack, ledger: Documents) -> dict[str, Any]:
    return said(extend(door, unknown(ledger)))


@by_name
def test_every_hidden_goal_is_refused_in_the_same_words(
    door: Stack, ledger: Documents, usual: dict[str, Any], make: Callable[[Documents], OneToOne]
) -> None:
    answer = extend(door, make(ledger))

    assert answer.status == 404
    assert said(answer) == usual


@pytest.mark.parametrize("goal_id", MALFORMED)
def test_so_is_every_malformed_id(door: Stack, usual: dict[str, Any], goal_id: str) -> None:
    answer = extend(door, OneToOne(goal_id=goal_id))

    assert answer.status == 404
    assert said(answer) == usual


def test_a_goal_in_capitals_is_malformed_even_if_it_is_there(door: Stack, ledger: Documents) -> None:
    one = OneToOne(goal_id="abcdef" + factories.new_id()[6:])
    factories.goal(ledger, one)

    assert extend(door, one).status == 202
    assert extend(door, OneToOne(one.streamer_id, one.goal_id.upper())).status == 404


@pytest.mark.parametrize("path", ["/goals//extend", "/goals/a%2Fb/extend", "/goals/", "/", "/goals/x/extend/", "//"])
def test_an_address_without_anything_behind_it_is_not_found_either(door: Stack, forge: Forge, path: str) -> None:
    answer = ask(door, "PUT", path, [("Authorization", f"Bearer {forge.token()}")])

    assert answer.status == 404
    assert answer.body["code"] == "not_found"


def test_all_are_looked_for_in_the_same_way_so_that_their_time_gives_nothing_away(
    door: Stack, ledger: Documents
) -> None:
    paths = {
        make.__name__: operations(door, ledger, make(ledger)) for make in (unknown, inactive, not_exclusive, anothers)
    }
    paths["malformed"] = operations(door, ledger, OneToOne(goal_id="x"))

    assert len(set(paths.values())) == 1, paths


def operations(door: Stack, ledger: Documents, one: OneToOne) -> tuple[tuple[Any, ...], ...]:
    """What MongoDB was asked about goals and extensions for the sake of one call: the kinds of operations, in turn."""
    comment = bearer(door, one.streamer_id, "CREATOR")
    ask(door, "PUT", f"/goals/{one.goal_id}/extend", [comment])  # the token is verified, revocations are read
    ledger.drop_collection("system.profile")
    ledger.command("profile", 2, filter={"appName": "swag_goals"})
    try:
        assert ask(door, "PUT", f"/goals/{one.goal_id}/extend", [comment]).status == 404
    finally:
        ledger.command("profile", 0)
    return tuple(
        (each["op"], each["ns"], each.get("planSummary"), each.get("nreturned"))
        for each in ledger["system.profile"].find({"ns": {"$regex": r"\.(goal|extension)$"}}).sort("ts")
    )
