"""A compensation of many goals leaves room for callers."""

import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from rq import Queue

from swag_goals.documents.extension import operation
from swag_goals.documents.goal import ExclusiveGoal
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.compensate import MAX_WAITING, PACE, REST, Compensated, compensate
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


def given(documents: Documents, enqueuer: Enqueuer, count: int, *others: factories.OneToOne) -> Any:
    goals_of = [*others, *(factories.one_to_one(documents) for _ in range(count))]
    found = [ExclusiveGoal.find(one.goal_id) for one in goals_of]
    by_hand = operation(by="Ana", why="r", what="compensate")
    goals = [goal for goal in found if goal]
    key = f"compensate:{factories.new_id()}"
    return compensate(goals, key=key, duration=90, operation=by_hand, enqueuer=enqueuer, waits_long=print)


def test_after_each_goal_it_rests_several_times_as_long_as_that_took(
    documents: Documents, enqueuer: Enqueuer, rests: Rests
) -> None:
    outcomes: list[Compensated] = list(given(documents, enqueuer, 5))

    assert [why for _, why in outcomes] == [None] * 5
    assert len(rests) == 5
    assert min(rests) >= PACE * REST / (REST + 1)  # however quick a goal is


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
