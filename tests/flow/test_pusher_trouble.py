"""Without Pusher the viewer has its time at once, and is notified when Pusher is back."""

import signal
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.eventually import eventually
from tests.flow.outcome import durations, settled


def test_pusher_stopped_and_started_again(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    stack.stop("pusher", signal.SIGKILL)
    try:
        answer = factories.extend(stack, one)
        not_notified = {"_id": ObjectId(answer.body["id"]), "status": "applied"}
        eventually(lambda: database["extension"].find_one(not_notified))
        assert durations(database, one) == [360]
    finally:
        stack.start("pusher")

    assert answer.status == 202
    done = settled(database, answer.body["id"])
    assert done["notified_at"] > done["applied_at"]
    assert durations(database, one) == [360]
