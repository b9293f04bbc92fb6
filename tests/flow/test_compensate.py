"""`flask compensate` beside the running system: killed and run again, it ends with each goal extended once."""

import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database
from rq import Queue

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from swag_goals.connections import connect_redis
from swag_goals.queue.extensions import FUNCTION, extensions_queue
from swag_goals.services.compensate import MAX_WAITING
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT
from tests import factories
from tests.eventually import eventually
from tests.factories import OneToOne, new_id
from tests.flow.outcome import durations

GOALS = 40
SECONDS = 90
NO_WORKER = "No worker runs. Start one: flask work."


def compensate(stack: Stack, name: str, goals: list[OneToOne], **streams: Any) -> "subprocess.Popen[str]":
    """Start it."""
    ids = [word for one in goals for word in ("--goal", one.goal_id)]
    words = ["flask", "compensate", "--name", name, "--seconds", str(SECONDS), "--reason", "r", "--json", *ids]
    environment = procfile.environment(stack.settings)
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, **streams)


@pytest.fixture
def no_worker(stack: Stack) -> Iterator[None]:
    """More jobs wait than a compensation adds to, and nobody takes them."""
    stack.stop("worker")
    with connect_redis(stack.settings["REDIS_URL"], WORKER_REDIS_TIMEOUT) as connection:
        extensions_queue(connection).enqueue_many(
            [Queue.prepare_data(FUNCTION, kwargs={"extension_id": "nobody"}) for _ in range(MAX_WAITING + 1)]
        )
    yield
    stack.start("worker")


def test_killed_and_run_again_each_goal_is_extended_once(stack: Stack, database: Database[dict[str, Any]]) -> None:
    goals = [factories.one_to_one(database) for _ in range(GOALS)]
    broken = OneToOne()
    factories.goal(database, broken)
    factories.session(database, broken.session_id, viewers=[])
    name = new_id()
    its = {"key": f"compensate:{name}"}

    with compensate(stack, name, [*goals, broken]) as killed:
        eventually(lambda: database["extension"].count_documents(its) >= GOALS // 4)
        killed.send_signal(signal.SIGKILL)
    assert database["extension"].count_documents(its) < GOALS
    said = []
    for _ in range(2):
        with compensate(stack, name, [*goals, broken]) as finished:
            said.append(json.loads(finished.communicate()[0]))

    assert said[0] == said[1]
    assert said[0]["goals"] == GOALS
    assert said[0]["not_extended"] == [
        {"goal_id": broken.goal_id, "why": "The session's viewers is neither an object nor empty."}
    ]
    eventually(lambda: [durations(database, one) for one in goals] == [[300 + SECONDS]] * GOALS)


@pytest.mark.usefixtures("no_worker")
def test_without_a_worker_it_says_what_it_waits_for_and_goes_on_with_one(
    stack: Stack, database: Database[dict[str, Any]]
) -> None:
    one, name = factories.one_to_one(database), new_id()

    with compensate(stack, name, [one], stderr=subprocess.PIPE) as waits:
        assert waits.stderr
        said = waits.stderr.readline()
        stack.start("worker")
        summary = json.loads(waits.communicate()[0])

    assert said == f"{MAX_WAITING + 1} jobs wait for a worker, and the next goal for these. {NO_WORKER}\n"
    assert summary["goals"] == 1
    eventually(lambda: durations(database, one) == [300 + SECONDS])


@pytest.mark.usefixtures("no_worker")
def test_ctrl_c_stops_it_while_it_waits(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one, name = factories.one_to_one(database), new_id()

    with compensate(stack, name, [one], stderr=subprocess.PIPE) as waits:
        assert waits.stderr
        waits.stderr.readline()
        waits.send_signal(signal.SIGINT)
        _, said = waits.communicate()

    assert (waits.returncode, "The same command goes on, and gives nobody twice." in said) == (1, True)
    assert durations(database, one) == [300]
