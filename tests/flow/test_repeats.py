"""The same request again is the same extension, one after another or fifty at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.factories import new_id
from tests.flow.outcome import durations, recorded, settled


def test_one_after_another(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    first = factories.extend(stack, one, "key-1")
    settled(database, first.body["id"])

    repeats = [factories.extend(stack, one, "key-1") for _ in range(5)]

    assert first.status == 202
    assert {repeat.status for repeat in repeats} == {200}
    assert {repeat.headers["Idempotent-Replayed"] for repeat in repeats} == {"true"}
    assert {repeat.body["id"] for repeat in repeats} == {first.body["id"]}
    assert durations(database, one) == [360]


def test_fifty_at_once(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)

    with ThreadPoolExecutor(50) as browsers:
        answers = list(browsers.map(lambda _: factories.extend(stack, one, "at-once"), range(50)))

    assert {answer.status for answer in answers} <= {202, 200}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    settled(database, answers[0].body["id"])
    assert durations(database, one) == [360]
    assert len(recorded(database, one)) == 1


@pytest.mark.parametrize(
    "since",
    [{"active": False}, {"context": {}}, {"metadata": {"user": {"id": new_id()}}}],
    ids=["ended", "without context", "sold"],
)
def test_whatever_the_goal_has_become(stack: Stack, database: Database[dict[str, Any]], since: dict[str, Any]) -> None:
    one = factories.one_to_one(database)
    first = factories.extend(stack, one, "key-1")
    database["goal"].update_one({"_id": ObjectId(one.goal_id)}, {"$set": since})

    repeat = factories.extend(stack, one, "key-1")

    assert repeat.status in (200, 202)
    assert repeat.body["id"] == first.body["id"]
    settled(database, first.body["id"])
    assert durations(database, one) == [360]


def test_while_the_goal_ends_and_begins_again(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    first = factories.extend(stack, one, "key-1")

    def flicker(number: int) -> None:
        database["goal"].update_one({"_id": ObjectId(one.goal_id)}, {"$set": {"active": number % 2 == 0}})

    with ThreadPoolExecutor(8) as threads:
        flickering = threads.map(flicker, range(20))
        repeats = list(threads.map(lambda _: factories.extend(stack, one, "key-1"), range(20)))
        list(flickering)

    assert {repeat.body.get("id") for repeat in repeats} == {first.body["id"]}
    settled(database, first.body["id"])
    assert durations(database, one) == [360]
