"""A deploy under load: nothing is lost, doubled or cut off, and every process ends in time."""

import signal
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from pymongo.database import Database

from dev.stack.stack import LIMITLESS, Stack
from tests import factories
from tests.eventually import eventually
from tests.flow.crowd import Crowd
from tests.flow.outcome import durations, recorded, settled

PROCESSES = ("web-1", "web-2", "worker-1", "worker-2", "sweeper")


@pytest.fixture(scope="module")
def pairs() -> Iterator[Stack]:
    """Two webs, two workers and a sweeper, as a platform would run them."""
    with Stack(processes={"web": 2, "worker": 2, "sweeper": 1}, settings=LIMITLESS) as pairs:
        yield pairs


@pytest.fixture
def database(pairs: Stack) -> Iterator[Database[dict[str, Any]]]:
    with factories.database(pairs) as database:
        yield database


@pytest.fixture
def crowd(pairs: Stack, database: Database[dict[str, Any]]) -> Crowd:
    goals = [factories.one_to_one(database) for _ in range(8)]
    return Crowd(pairs, database, goals, webs=("web-1", "web-2"))


def end(stack: Stack, *names: str) -> None:
    """SIGTERM to all of them at once; back when others have taken their places."""
    pids = {name: stack.pid(name) or 0 for name in names}
    for name in names:
        stack.signal(name, signal.SIGTERM)
    eventually(lambda: not any(map(psutil.pid_exists, pids.values())), within=15)
    eventually(lambda: all(stack.pid(name) not in (None, pid) for name, pid in pids.items()))


def all_is_well(crowd: Crowd) -> None:
    """Each extension that was acknowledged is applied once and its viewer notified, and there is no other."""
    assert crowd.unanswered == []
    assert crowd.cut_off == []
    for one in crowd.goals:
        extensions = crowd.acknowledged[one.goal_id]
        assert len(extensions) > 2
        assert {str(row["_id"]) for row in recorded(crowd.database, one)} == set(extensions)
        for extension in extensions:
            settled(crowd.database, extension)
        assert durations(crowd.database, one) == [300 + 60 * len(extensions)]


def busy(crowd: Crowd) -> None:
    """Wait until each goal has some more extensions."""
    wanted = {goal_id: len(extensions) + 2 for goal_id, extensions in crowd.acknowledged.items()}
    eventually(lambda: all(len(crowd.acknowledged[goal_id]) >= n for goal_id, n in wanted.items()), within=60)


def test_sigterm_to_every_process_at_once(pairs: Stack, crowd: Crowd) -> None:
    with crowd:
        busy(crowd)
        end(pairs, *PROCESSES)
        busy(crowd)

    all_is_well(crowd)


def test_a_rolling_restart(pairs: Stack, crowd: Crowd) -> None:
    with crowd:
        for name in PROCESSES:
            busy(crowd)
            end(pairs, name)
        busy(crowd)

    all_is_well(crowd)
