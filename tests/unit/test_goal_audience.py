"""A goal's context names one session and whose time is extended, or cannot be extended."""

from typing import Any

import pytest
from bson import ObjectId

from swag_goals.documents.goal import ExclusiveGoal, GoalNotExtendable

SESSION, ANNA, BELA = "5" * 24, "a" * 24, "b" * 24


def audience(context: Any) -> tuple[str, list[str]]:
    return ExclusiveGoal(context=context).audience()


def ids(count: int) -> list[ObjectId]:
    return [ObjectId(f"{number:024x}") for number in range(count)]


@pytest.mark.parametrize("session_id", [SESSION, ObjectId(SESSION)])
@pytest.mark.parametrize("viewer", [ANNA, ObjectId(ANNA)])
def test_references_may_be_text_or_object_ids(session_id: Any, viewer: Any) -> None:
    assert audience({"session_id": session_id, "exclusive_to": [viewer]}) == (SESSION, [ANNA])


def test_a_viewer_named_twice_in_whatever_form_counts_once() -> None:
    assert audience({"session_id": SESSION, "exclusive_to": [ANNA, BELA, ObjectId(ANNA), ANNA]}) == (
        SESSION,
        [ANNA, BELA],
    )


def test_what_else_stands_in_the_context_does_not_matter() -> None:
    assert audience({"session_id": SESSION, "exclusive_to": [ANNA], "price": 3}) == (SESSION, [ANNA])


def test_a_hundred_different_viewers_are_the_most() -> None:
    assert len(audience({"session_id": SESSION, "exclusive_to": ids(100) * 2})[1]) == 100


@pytest.mark.parametrize(
    ("context", "why"),
    [
        (None, "goal_without_session"),
        ([], "goal_without_session"),
        ("context", "goal_without_session"),
        ({}, "goal_without_session"),
        ({"exclusive_to": [ANNA]}, "goal_without_session"),
        ({"session_id": None, "exclusive_to": [ANNA]}, "goal_without_session"),
        ({"session_id": "today", "exclusive_to": [ANNA]}, "goal_without_session"),
        ({"session_id": "A" * 24, "exclusive_to": [ANNA]}, "goal_without_session"),
        ({"session_id": [SESSION], "exclusive_to": [ANNA]}, "goal_without_session"),
        ({"session_id": 5, "exclusive_to": [ANNA]}, "goal_without_session"),
        ({"session_id": SESSION}, "goal_without_viewers"),
        ({"session_id": SESSION, "exclusive_to": None}, "goal_without_viewers"),
        ({"session_id": SESSION, "exclusive_to": []}, "goal_without_viewers"),
        ({"session_id": SESSION, "exclusive_to": ANNA}, "goal_without_viewers"),
        ({"session_id": SESSION, "exclusive_to": {ANNA: True}}, "goal_without_viewers"),
        ({"session_id": SESSION, "exclusive_to": [ANNA, None]}, "goal_viewers_malformed"),
        ({"session_id": SESSION, "exclusive_to": [ANNA, "a.b"]}, "goal_viewers_malformed"),
        ({"session_id": SESSION, "exclusive_to": [ANNA, "$inc"]}, "goal_viewers_malformed"),
        ({"session_id": SESSION, "exclusive_to": [[ANNA]]}, "goal_viewers_malformed"),
        ({"session_id": SESSION, "exclusive_to": [{"id": ANNA}]}, "goal_viewers_malformed"),
        ({"session_id": SESSION, "exclusive_to": ids(101)}, "goal_viewers_too_many"),
    ],
)
def test_any_other_context_cannot_be_extended(context: Any, why: str) -> None:
    with pytest.raises(GoalNotExtendable, match=f"^{why}$"):
        audience(context)
