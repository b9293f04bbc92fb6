"""GET /goals: which of a streamer's goals run."""

from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories

Db = Database[dict[str, Any]]


def running(stack: Stack, streamer_id: str) -> list[dict[str, Any]]:
    """The items of the answer."""
    answer = factories.call(stack, "GET", "/goals", factories.token(stack.settings, streamer_id))
    assert (answer.status, list(answer.body)) == (200, ["items"])
    items: list[dict[str, Any]] = answer.body["items"]
    return items


def test_a_running_goal_says_what_the_other_calls_need(stack: Stack, database: Db) -> None:
    one = factories.one_to_one(database, count=2)

    assert running(stack, one.streamer_id) == [
        {
            "id": one.goal_id,
            "streamer_id": one.streamer_id,
            "session_id": one.session_id,
            "viewers": list(one.viewers),
        }
    ]


@pytest.mark.parametrize("form", [str, ObjectId])
def test_the_newest_comes_first(stack: Stack, database: Db, form: type) -> None:
    older = factories.OneToOne()
    newer = replace(older, goal_id=factories.new_id())
    factories.goal(database, older)
    factories.goal(database, newer, metadata={"user": {"id": form(newer.streamer_id)}})

    assert [goal["id"] for goal in running(stack, older.streamer_id)] == [newer.goal_id, older.goal_id]


def test_both_forms_of_ids_are_read(stack: Stack, database: Db) -> None:
    one = factories.OneToOne()
    factories.goal(database, one, metadata={"user": {"id": ObjectId(one.streamer_id)}})

    assert [goal["id"] for goal in running(stack, one.streamer_id)] == [one.goal_id]


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"active": [True]},
        {"_cls": "Goal"},
        {"_cls": "Goal.SharedGoal"},
        {"metadata": {"user": {"id": factories.new_id()}}},
    ],
)
def test_what_is_inactive_not_exclusive_or_anothers_is_not_listed(
    stack: Stack, database: Db, changes: dict[str, Any]
) -> None:
    one = factories.OneToOne()
    factories.goal(database, one, **changes)

    assert running(stack, one.streamer_id) == []


@pytest.mark.parametrize("context", [{}, {"session_id": factories.new_id()}, {"exclusive_to": [factories.new_id()]}])
def test_one_that_cannot_be_extended_has_neither_session_nor_viewers(
    stack: Stack, database: Db, context: dict[str, Any]
) -> None:
    one = factories.OneToOne()
    factories.goal(database, one, context=context)

    (goal,) = running(stack, one.streamer_id)

    assert (goal["session_id"], goal["viewers"]) == (None, [])


def test_only_the_newest_fifty_are_listed(stack: Stack, database: Db) -> None:
    one = factories.OneToOne()
    goals = [replace(one, goal_id=factories.new_id()) for _ in range(51)]
    for each in goals:
        factories.goal(database, each)

    assert [goal["id"] for goal in running(stack, one.streamer_id)] == [each.goal_id for each in goals[:0:-1]]


def test_a_viewer_is_refused(stack: Stack) -> None:
    viewer = factories.token(stack.settings, factories.new_id(), scopes=["PAID"])

    assert factories.call(stack, "GET", "/goals", viewer).status == 403
