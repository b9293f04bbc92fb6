"""What the migrations build, on whatever they find."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals import migrations
from swag_goals.documents.unfinished import overdue

FOREIGN_GOALS: dict[str, dict[str, Any]] = {
    "another kind": {"_cls": "Goal.Karaoke", "context": [{"session_id": "x"}], "metadata": {"user": []}},
    "arrays": {"context": {"session_id": ["a", "b"]}, "metadata": {"user": [{"id": 1}, {"id": 2}]}, "active": True},
    "other types": {"context": "none", "metadata": None, "active": [True]},
    "nothing": {},
}


def indexes(database: Database[dict[str, Any]]) -> dict[str, set[str]]:
    names = database.list_collection_names(filter={"name": {"$ne": migrations.COLLECTION}})
    return {name: set(database[name].index_information()) - {"_id_"} for name in names}


def test_nothing_becomes_every_index(empty: Database[dict[str, Any]]) -> None:
    assert migrations.missing_indexes(empty)

    migrations.run(empty)

    assert migrations.missing_indexes(empty) == []
    assert migrations.pending(empty) == []


def test_what_is_done_is_not_done_again(empty: Database[dict[str, Any]]) -> None:
    migrations.run(empty)
    before = indexes(empty)
    empty["extension"].drop_index("newest")

    migrations.run(empty)

    assert indexes(empty)["extension"] == before["extension"] - {"newest"}


def test_what_is_half_done_is_finished(empty: Database[dict[str, Any]]) -> None:
    migrations.run(empty)
    complete = indexes(empty)
    empty["extension"].drop_index("newest")
    empty["revoked_token"].drop()
    empty[migrations.COLLECTION].delete_many({})

    migrations.run(empty)

    assert indexes(empty) == complete


def test_other_programs_goals_and_sessions_stay_as_they_are(empty: Database[dict[str, Any]]) -> None:
    goals: list[dict[str, Any]] = [{"_id": ObjectId(), **goal} for goal in FOREIGN_GOALS.values()]
    sessions: list[dict[str, Any]] = [{"_id": ObjectId(), "viewers": []}, {"_id": ObjectId(), "swag_goals": 1}]
    empty["goal"].insert_many(goals)
    empty["session"].insert_many(sessions)

    migrations.run(empty)

    assert list(empty["goal"].find()) == goals
    assert list(empty["session"].find()) == sessions


@pytest.mark.parametrize("goal", FOREIGN_GOALS)
def test_other_programs_can_write_afterwards_what_they_wrote_before(empty: Database[dict[str, Any]], goal: str) -> None:
    migrations.run(empty)

    empty["goal"].insert_one({**FOREIGN_GOALS[goal]})


def test_what_is_overdue_is_found_by_such_an_index(documents: Database[dict[str, Any]]) -> None:
    ours = documents["extension"].index_information()["unfinished"]
    documents["extension"].drop_index("unfinished")
    try:
        documents["extension"].create_index(
            ours["key"], name="another", partialFilterExpression=ours["partialFilterExpression"]
        )
        assert overdue(1) is not None
    finally:
        documents["extension"].drop_index("another")
        documents["extension"].create_index(
            ours["key"], name="unfinished", partialFilterExpression=ours["partialFilterExpression"]
        )


def test_an_index_that_another_program_built_for_itself_serves_as_well(empty: Database[dict[str, Any]]) -> None:
    empty["goal"].create_index("context.session_id", name="their_own")

    migrations.run(empty)

    assert indexes(empty)["goal"] == {"their_own", "running_goals_of_a_streamer"}
    assert migrations.missing_indexes(empty) == []
