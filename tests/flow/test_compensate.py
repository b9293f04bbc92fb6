"""`flask compensate` beside the running system: killed and run again, it ends with each goal extended once."""

import json
import signal
import subprocess
from typing import Any

from pymongo.database import Database

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from tests import factories
from tests.eventually import eventually
from tests.factories import OneToOne, new_id
from tests.flow.outcome import durations

GOALS = 40
SECONDS = 90


def compensate(stack: Stack, name: str, goals: list[OneToOne]) -> "subprocess.Popen[str]":
    """Start it."""
    ids = [word for one in goals for word in ("--goal", one.goal_id)]
    words = ["flask", "compensate", "--name", name, "--seconds", str(SECONDS), "--reason", "r", "--json", *ids]
    return subprocess.Popen(
        words, cwd=ROOT, env=procfile.environment(stack.settings), stdout=subprocess.PIPE, text=True
    )


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
