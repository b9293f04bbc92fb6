"""PUT /goals/{goal_id}/extend on the whole system."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from local.stack import Stack
from tests import factories
from tests.eventually import eventually


def test_a_viewer_who_has_used_up_300_seconds_gets_60_more(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)

    answer = factories.extend(stack, one)

    assert answer.status == 202
    assert answer.body["status"] == "pending"
    done = eventually(lambda: database["extension"].find_one({"_id": ObjectId(answer.body["id"]), "status": "done"}))
    session = database["session"].find_one({"_id": ObjectId(one.session_id)})
    assert done and session
    assert session["viewers"] == done["permissions"]
    assert session["viewers"][one.viewers[0]]["duration"] == 360
