"""A process that is killed costs nobody an extension, wherever it was."""

import signal
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.listener import Listener
from dev.stack.procfile import takes_jobs
from dev.stack.servers import answers_ok
from dev.stack.stack import Stack
from swag_goals.events.stream_authorized import channel
from tests import factories
from tests.eventually import eventually
from tests.flow.outcome import durations, settled


@pytest.fixture(autouse=True)
def whole_again(stack: Stack) -> Iterator[None]:
    """What was killed is back before the next test."""
    yield
    eventually(lambda: takes_jobs(stack.settings["REDIS_URL"], stack.pid("worker") or 0))
    # Last, since the worker of a killed gunicorn may answer a moment longer than its master lives.
    eventually(lambda: answers_ok(urlsplit(stack.settings["API_URL"]).port or 0, "/readyz"))


def test_a_worker_killed_between_the_update_and_the_books(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    its_channel = channel(one.streamer_id, one.viewers[0])
    with Listener(stack.settings, [its_channel]) as listener:
        stack.signal("pusher", signal.SIGSTOP)  # where it waits between the two
        try:
            extension = factories.extend(stack, one).body["id"]
            applied = {"_id": ObjectId(one.session_id), "swag_goals.applied": ObjectId(extension)}
            eventually(lambda: database["session"].find_one(applied))
            stack.signal("worker", signal.SIGKILL)
        finally:
            stack.signal("pusher", signal.SIGCONT)

        row = settled(database, extension)
        assert listener.wait_until(lambda events: len(events) > 0, timeout=60)

    assert durations(database, one) == [360]
    assert row["before"][one.viewers[0]]["duration"] == 300
    assert row["permissions"][one.viewers[0]]["duration"] == 360
    assert row["applied_nbf"] == row["nbf"]


def test_every_process_killed_at_once(stack: Stack, database: Database[dict[str, Any]]) -> None:
    goals = [factories.one_to_one(database) for _ in range(10)]
    extensions = [factories.extend(stack, one).body["id"] for one in goals]
    for name in ("web", "worker", "sweeper", "redis"):
        stack.signal(name, signal.SIGKILL)

    for one, extension in zip(goals, extensions, strict=True):
        settled(database, extension)
        assert durations(database, one) == [360]


def test_mongodb_killed_and_back(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    extension = factories.extend(stack, one).body["id"]
    stack.signal("mongod-1", signal.SIGKILL)

    eventually(lambda: factories.extend(stack, one, "key-2").status in (200, 202), within=60)

    settled(database, extension)
    settled(database, factories.extend(stack, one, "key-2").body["id"])
    assert durations(database, one) == [420]
