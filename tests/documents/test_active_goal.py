"""A streamer's active exclusive goal is found, and of every other goal nothing."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals.documents.goal import ExclusiveGoal
from tests import factories
from tests.factories import OneToOne, new_id

OTHER = new_id()


def found(goal_id: str, streamer_id: str) -> ExclusiveGoal | None:
    goal, is_known = ExclusiveGoal.active_with_extension(goal_id, streamer_id, ObjectId())
    assert not is_known
    return goal


@pytest.mark.parametrize("form", [str, ObjectId])
def test_its_owner_may_be_stored_as_text_or_object_id(documents: Database[dict[str, Any]], form: Any) -> None:
    one = OneToOne()
    factories.goal(documents, one, metadata={"user": {"id": form(one.streamer_id)}, "title": "mine"})

    goal = found(one.goal_id, one.streamer_id)

    assert goal is not None
    assert goal.audience() == (one.session_id, one.viewers)


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"active": None},
        {"active": 1},
        {"active": "true"},
        {"active": [True]},
        {"_cls": "Goal"},
        {"_cls": "Goal.ProgressGoal"},
        {"_cls": ["Goal.ExclusiveGoal"]},
        {"metadata": {"user": {"id": OTHER}}},
        {"metadata": {"user": {"id": None}}},
        {"metadata": {"user": {}}},
        {"metadata": None},
    ],
)
def test_any_other_goal_is_not_found(documents: Database[dict[str, Any]], changes: dict[str, Any]) -> None:
    one = OneToOne()
    factories.goal(documents, one, **changes)

    assert found(one.goal_id, one.streamer_id) is None


def test_a_list_that_holds_the_owner_is_no_owner(documents: Database[dict[str, Any]]) -> None:
    in_a_list, of_users = OneToOne(), OneToOne()
    factories.goal(documents, in_a_list, metadata={"user": {"id": [in_a_list.streamer_id]}})
    factories.goal(documents, of_users, metadata={"user": [{"id": of_users.streamer_id}]})

    assert found(in_a_list.goal_id, in_a_list.streamer_id) is None
    assert found(of_users.goal_id, of_users.streamer_id) is None
    for one in (in_a_list, of_users):
        assert not ExclusiveGoal.belongs(one.goal_id, one.streamer_id)
        assert not ExclusiveGoal.running(one.streamer_id, 50)
        assert not ExclusiveGoal.streams(one.session_id, one.streamer_id)


def test_a_goal_whose_kind_is_in_a_list_keeps_nobody_from_the_others(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    odd = OneToOne(one.streamer_id, session_id=one.session_id)
    factories.goal(documents, odd, _cls=["Goal.ExclusiveGoal"])

    assert ExclusiveGoal.find(odd.goal_id) is None
    assert not ExclusiveGoal.belongs(odd.goal_id, one.streamer_id)
    assert ExclusiveGoal.streams(one.session_id, one.streamer_id)
    assert [str(goal.id) for goal in ExclusiveGoal.running(one.streamer_id, 50)] == [one.goal_id]
    assert one.goal_id in [str(goal.id) for goal in ExclusiveGoal.all_running()]


def test_an_unknown_id_is_not_found(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)

    assert found(new_id(), one.streamer_id) is None
    assert found(one.goal_id, new_id()) is None


def test_it_comes_with_the_word_whether_the_extension_is_recorded(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extension = factories.recorded(one)

    goal, is_known = ExclusiveGoal.active_with_extension(one.goal_id, one.streamer_id, extension.id)

    assert goal is not None
    assert is_known


def test_what_other_programs_keep_in_a_goal_is_not_looked_at(documents: Database[dict[str, Any]]) -> None:
    one = OneToOne()
    factories.goal(documents, one, self=1, _created=True, values={}, known=[1])

    assert found(one.goal_id, one.streamer_id) is not None
    assert ExclusiveGoal.belongs(one.goal_id, one.streamer_id)
    assert ExclusiveGoal.streams(one.session_id, one.streamer_id)
    assert [str(goal.id) for goal in ExclusiveGoal.running(one.streamer_id, 10)] == [one.goal_id]
