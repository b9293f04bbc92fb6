"""Who owns a goal, and streams its session. On mongomock: these are plain finds, without a pipeline."""

from collections.abc import Iterator
from typing import Any

import mongoengine
import mongomock
import pytest
from bson import ObjectId

from swag_goals.documents.goal import ExclusiveGoal

STREAMER, OTHER, GOAL, SESSION = (digit * 24 for digit in "1234")
ALIAS = "mongomock"


@pytest.fixture(autouse=True)
def _mongomock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    mongoengine.connect("swag", alias=ALIAS, mongo_client_class=mongomock.MongoClient, uuidRepresentation="standard")
    monkeypatch.setitem(ExclusiveGoal._meta, "db_alias", ALIAS)
    monkeypatch.setattr(ExclusiveGoal, "_collection", None)
    yield
    mongoengine.disconnect(ALIAS)


def goal(**changes: Any) -> None:
    document = {
        "_id": ObjectId(GOAL),
        "_cls": "Goal.ExclusiveGoal",
        "metadata": {"user": {"id": STREAMER}},
        "context": {"session_id": SESSION, "exclusive_to": [OTHER]},
    }
    mongoengine.get_db(ALIAS)["goal"].insert_one(document | changes)


@pytest.mark.parametrize("streamer", [STREAMER, ObjectId(STREAMER)])
def test_a_goal_belongs_to_its_streamer_also_when_it_has_ended(streamer: Any) -> None:
    goal(metadata={"user": {"id": streamer}}, active=False)

    assert ExclusiveGoal.belongs(GOAL, STREAMER)
    assert not ExclusiveGoal.belongs(GOAL, OTHER)


@pytest.mark.parametrize("goal_id", ["", "goal", GOAL + "0", GOAL[1:], "F" * 24, OTHER])
def test_a_malformed_or_unknown_goal_is_nobodys(goal_id: str) -> None:
    goal()

    assert not ExclusiveGoal.belongs(goal_id, STREAMER)


def test_a_goal_of_another_kind_is_none_of_ours() -> None:
    goal(_cls="Goal.ProgressGoal")

    assert not ExclusiveGoal.belongs(GOAL, STREAMER)
    assert not ExclusiveGoal.streams(SESSION, STREAMER)


@pytest.mark.parametrize("session_id", [SESSION, ObjectId(SESSION)])
def test_a_session_is_streamed_by_the_owner_of_a_goal_that_names_it(session_id: Any) -> None:
    goal(context={"session_id": session_id}, active=False)

    assert ExclusiveGoal.streams(SESSION, STREAMER)
    assert not ExclusiveGoal.streams(SESSION, OTHER)
    assert not ExclusiveGoal.streams(OTHER, STREAMER)


def test_a_list_that_holds_the_session_does_not_name_it() -> None:
    goal(context={"session_id": [SESSION]})

    assert not ExclusiveGoal.streams(SESSION, STREAMER)
