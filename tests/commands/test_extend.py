"""`flask extend`: through the same service and ledger, with who and why."""

from importlib import import_module
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from swag_goals.services.extend_goal import extend_goal
from tests import factories
from tests.commands.conftest import Run
from tests.factories import OneToOne

Documents = Database[dict[str, Any]]


def of_goal(documents: Documents, goal_id: str) -> list[dict[str, Any]]:
    return list(documents["extension"].find({"goal_id": ObjectId(goal_id)}))


def test_it_records_an_extension_with_who_and_why(documents: Documents, flask: Run) -> None:
    one = factories.one_to_one(documents)

    ended = flask("extend", one.goal_id, "--reason", "the stream froze", "--by", "Ana")

    (extension,) = of_goal(documents, one.goal_id)
    (operation,) = extension["operations"]
    assert ended.status == 0
    assert str(extension["_id"]) in ended.stdout
    assert extension["viewers"] == list(one.viewers)
    assert (operation["what"], operation["by"], operation["why"]) == ("extend", "Ana", "the stream froze")


def test_what_other_programs_keep_in_the_goal_is_not_looked_at(documents: Documents, flask: Run) -> None:
    one = OneToOne()
    factories.goal(documents, one, self=1, _created=True)

    assert flask("extend", one.goal_id, "--reason", "r").status == 0
    assert len(of_goal(documents, one.goal_id)) == 1


def test_a_goal_of_two_kinds_is_none(documents: Documents, flask: Run) -> None:
    one = OneToOne()
    factories.goal(documents, one, _cls=["Goal.ExclusiveGoal"])

    assert flask("extend", one.goal_id, "--reason", "r").stderr == f"Error: There is no exclusive goal {one.goal_id}.\n"


def test_who_is_the_user_of_this_machine_if_not_given(documents: Documents, flask: Run) -> None:
    one = factories.one_to_one(documents)

    flask("extend", one.goal_id, "--reason", "r")

    assert of_goal(documents, one.goal_id)[0]["operations"][0]["by"]


def test_it_does_nothing_without_a_reason(documents: Documents, flask: Run) -> None:
    one = factories.one_to_one(documents)

    assert flask("extend", one.goal_id).status == 2
    assert of_goal(documents, one.goal_id) == []


@pytest.mark.parametrize(
    "words",
    [["--reason", ""], ["--reason", " "], *(["--reason", "r", "--key", key] for key in ("", "a key", "k" * 201))],
    ids=repr,
)
def test_it_does_nothing_with_an_empty_reason_or_a_key_that_is_none(
    documents: Documents, flask: Run, words: list[str]
) -> None:
    one = factories.one_to_one(documents)

    assert flask("extend", one.goal_id, *words).status == 2
    assert of_goal(documents, one.goal_id) == []


def test_the_same_key_is_the_same_extension_and_says_so(documents: Documents, flask: Run) -> None:
    one = factories.one_to_one(documents)
    words = ("extend", one.goal_id, "--reason", "r", "--key", "k", "--json")

    first, second = (flask(*words).json for _ in range(2))

    assert first["id"] == second["id"]
    assert (first["replayed"], second["replayed"]) == (False, True)


@pytest.mark.parametrize("goal_id", ["x", "0" * 24])
def test_an_unknown_goal_is_said_to_be_none(documents: Documents, flask: Run, goal_id: str) -> None:
    ended = flask("extend", goal_id, "--reason", "r")

    assert (ended.status, ended.stderr) == (1, f"Error: There is no exclusive goal {goal_id}.\n")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"active": False}, "it is not active"),
        ({"context": {}}, "its context names no session"),
        (
            {"context": {"session_id": "a" * 24, "exclusive_to": []}},
            "its exclusive_to is not a list with somebody in it",
        ),
    ],
)
def test_a_goal_that_cannot_be_extended_is_refused_with_why(
    documents: Documents, flask: Run, changes: dict[str, Any], why: str
) -> None:
    one = factories.OneToOne()
    factories.goal(documents, one, **changes)

    ended = flask("extend", one.goal_id, "--reason", "r")

    assert (ended.status, ended.stderr) == (1, f"Error: The goal cannot be extended: {why}.\n")


def test_an_unknown_outcome_names_the_key_that_settles_it(
    documents: Documents, flask: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = factories.one_to_one(documents)
    with monkeypatch.context() as patch:
        patch.setattr(import_module("swag_goals.commands.extend"), "extend_goal", lost_answer)
        lost = flask("extend", one.goal_id, "--reason", "r", "--key", "k1")
    settled = flask("extend", one.goal_id, "--reason", "r", "--key", "k1")

    assert lost.status == 1
    assert "--key k1 settles it" in lost.stderr
    assert settled.stdout.startswith("It was recorded before, as extension ")
    assert len(of_goal(documents, one.goal_id)) == 1


def lost_answer(*args: Any, **kwargs: Any) -> None:
    """What is done, and whose answer never comes."""
    extend_goal(*args, **kwargs)
    raise AutoReconnect
