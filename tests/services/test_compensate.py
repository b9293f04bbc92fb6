"""A compensation of many goals leaves room for callers."""

import time
from collections.abc import Callable
from importlib import import_module
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from rq import Queue

from swag_goals.documents.extension import operation
from swag_goals.documents.goal import ExclusiveGoal
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.compensate import LONG, MAX_WAITING, PACE, REST, Compensated, compensate
from tests import factories
from tests.services.conftest import Documents

Rests = list[float]


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> Rests:
    """The seconds of its pauses, none of which is waited for."""
    found: Rests = []
    clock = SimpleNamespace(sleep=found.append, monotonic=time.monotonic)
    monkeypatch.setattr(import_module("swag_goals.services.compensate"), "time", clock)
    return found


def given(
    documents: Documents,
    enqueuer: Enqueuer,
    number: int,
    *others: factories.OneToOne,
    says: Callable[[int], Any] = print,
) -> Any:
    goals_of = [*others, *(factories.one_to_one(documents) for _ in range(number))]
    found = [ExclusiveGoal.find(one.goal_id) for one in goals_of]
    by_hand = operation(by="Ana", why="r", what="compensate")
    goals = [goal for goal in found if goal]
    key = f"compensate:{factories.new_id()}"
    return compensate(goals, key=key, duration=90, operation=by_hand, enqueuer=enqueuer, waits_long=says)


def test_after_each_goal_it_rests_several_times_as_long_as_that_took(
    documents: Documents, enqueuer: Enqueuer, rests: Rests
) -> None:
    outcomes: list[Compensated] = list(given(documents, enqueuer, 5))

    assert [why for _, why in outcomes] == [None] * 5
    assert len(rests) == 5
    assert min(rests) >= PACE * REST / (REST + 1)  # however quick a goal is


@pytest.mark.parametrize(("took", "rest"), [(0.01, PACE - 0.01), (2.0, 2.0 * REST)])
def test_it_rests_so_long_and_never_goes_faster_than_its_pace(
    documents: Documents, enqueuer: Enqueuer, rests: Rests, took: float, rest: float
) -> None:
    tick_of(took)

    list(given(documents, enqueuer, 3))

    assert rests == pytest.approx([rest] * 3)


def test_that_workers_do_not_keep_up_for_seconds_is_said_once(
    documents: Documents, enqueuer: Enqueuer, queue: Queue, rests: Rests
) -> None:
    queue.connection.rpush(queue.key, *range(MAX_WAITING + 1))
    said: list[tuple[int, int]] = []
    tick_of(LONG / 2)

    def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 9:
            queue.connection.delete(queue.key)

    import_module("swag_goals.services.compensate").time.sleep = rest
    list(given(documents, enqueuer, 1, says=lambda jobs: said.append((len(rests), jobs))))

    assert said == [(2, MAX_WAITING + 1)]


def tick_of(seconds: float) -> None:
    """Let the clock go on by so much whenever it is looked at."""
    import_module("swag_goals.services.compensate").time.monotonic = count(1000.0, seconds).__next__


def test_a_goal_that_is_changed_just_then_is_named_and_keeps_no_other(
    documents: Documents, enqueuer: Enqueuer, rests: Rests, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, without_session = factories.OneToOne(), factories.OneToOne()
    factories.goal(documents, ended, active=False)
    factories.goal(documents, without_session, context={})
    monkeypatch.setattr(import_module("swag_goals.services.compensate"), "obstacle", lambda *_: None)

    outcomes: list[Compensated] = list(given(documents, enqueuer, 1, ended, without_session))

    assert [why for _, why in outcomes] == ["it has just been changed", "it has just been changed", None]


def test_it_holds_back_while_workers_do_not_keep_up(
    documents: Documents, enqueuer: Enqueuer, queue: Queue, rests: Rests
) -> None:
    outcomes = given(documents, enqueuer, 2)
    next(outcomes)
    queue.connection.rpush(queue.key, *range(MAX_WAITING + 1))

    def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 4:
            queue.connection.delete(queue.key)

    import_module("swag_goals.services.compensate").time.sleep = rest
    next(outcomes)

    assert len(rests) == 4
