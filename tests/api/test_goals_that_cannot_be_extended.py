"""409: the goal is the caller's, but names no session or no viewers."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.client import extend
from tests.factories import OneToOne, new_id

SESSION = new_id()
SEVERAL = [new_id() for _ in range(101)]

CONTEXTS: dict[str, tuple[str, Any]] = {
    "no context": ("goal_without_session", ...),
    "a context that is null": ("goal_without_session", None),
    "a context that is a list": ("goal_without_session", [{"session_id": SESSION}]),
    "no session": ("goal_without_session", {"exclusive_to": [new_id()]}),
    "a session that is null": ("goal_without_session", {"session_id": None, "exclusive_to": [new_id()]}),
    "a session that is no id": ("goal_without_session", {"session_id": "live", "exclusive_to": [new_id()]}),
    "a session in capitals": ("goal_without_session", {"session_id": "ABCDEF" * 4, "exclusive_to": [new_id()]}),
    "a session that is a number": ("goal_without_session", {"session_id": 1, "exclusive_to": [new_id()]}),
    "several sessions": ("goal_without_session", {"session_id": [SESSION], "exclusive_to": [new_id()]}),
    "no viewers": ("goal_without_viewers", {"session_id": SESSION}),
    "viewers that are null": ("goal_without_viewers", {"session_id": SESSION, "exclusive_to": None}),
    "an empty list of viewers": ("goal_without_viewers", {"session_id": SESSION, "exclusive_to": []}),
    "a viewer without a list": ("goal_without_viewers", {"session_id": SESSION, "exclusive_to": new_id()}),
    "viewers in an object": ("goal_without_viewers", {"session_id": SESSION, "exclusive_to": {new_id(): True}}),
    "a viewer that is no id": ("goal_viewers_malformed", {"session_id": SESSION, "exclusive_to": [new_id(), "me"]}),
    "a viewer with a dot": ("goal_viewers_malformed", {"session_id": SESSION, "exclusive_to": [f"{'a' * 22}.b"]}),
    "a viewer with a dollar": ("goal_viewers_malformed", {"session_id": SESSION, "exclusive_to": [f"${'a' * 23}"]}),
    "a viewer in capitals": ("goal_viewers_malformed", {"session_id": SESSION, "exclusive_to": ["ABCDEF" * 4]}),
    "a viewer that is null": ("goal_viewers_malformed", {"session_id": SESSION, "exclusive_to": [None]}),
    "a list in the list": ("goal_viewers_malformed", {"session_id": SESSION, "exclusive_to": [[new_id()]]}),
    "101 viewers": ("goal_viewers_too_many", {"session_id": SESSION, "exclusive_to": SEVERAL}),
}


@pytest.mark.parametrize(("code", "context"), CONTEXTS.values(), ids=CONTEXTS)
def test_is_refused_and_nothing_is_written(
    door: Stack, ledger: Database[dict[str, Any]], code: str, context: Any
) -> None:
    one = OneToOne()
    factories.goal(ledger, one)
    change = {"$unset": {"context": 1}} if context is ... else {"$set": {"context": context}}
    ledger["goal"].update_one({"_id": ObjectId(one.goal_id)}, change)

    answer = extend(door, one)

    assert (answer.status, answer.body["code"]) == (409, code)
    assert ledger["extension"].count_documents({"goal_id": ObjectId(one.goal_id)}) == 0


def test_repeated_viewers_count_once(door: Stack, ledger: Database[dict[str, Any]]) -> None:
    viewers = SEVERAL[:100]
    one = OneToOne(viewers=[*viewers, *viewers])
    factories.goal(ledger, one)

    answer = extend(door, one)

    assert answer.status == 202
    assert answer.body["viewers"] == viewers
