"""Redis only hands over jobs: frozen, gone or empty, it costs nobody an extension and hardly any time."""

import signal
import statistics
import time
from typing import Any

from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.flow.outcome import durations, settled


def timed(stack: Stack, database: Database[dict[str, Any]]) -> float:
    """How many seconds the extension of a new goal took to be answered."""
    one = factories.one_to_one(database)
    started = time.monotonic()
    assert factories.extend(stack, one).status == 202
    return time.monotonic() - started


def test_frozen_it_costs_one_caller_under_a_second_and_the_next_ones_nothing(
    stack: Stack, database: Database[dict[str, Any]]
) -> None:
    usual = max(timed(stack, database) for _ in range(5))
    stack.signal("redis", signal.SIGSTOP)
    try:
        first, *others = [timed(stack, database) for _ in range(10)]
    finally:
        stack.signal("redis", signal.SIGCONT)

    assert first < usual + 1.0
    # Whoever waited for Redis waited for its timeout of 0.2 s.
    assert statistics.median(others) < usual + 0.1


def test_what_was_requested_meanwhile_is_done_when_it_is_back(stack: Stack, database: Database[dict[str, Any]]) -> None:
    goals = [factories.one_to_one(database) for _ in range(3)]
    stack.signal("redis", signal.SIGSTOP)
    try:
        answers = [factories.extend(stack, one) for one in goals]
    finally:
        stack.signal("redis", signal.SIGCONT)

    for one, answer in zip(goals, answers, strict=True):
        settled(database, answer.body["id"])
        assert durations(database, one) == [360]


def test_empty_after_a_restart_it_costs_nobody_an_extension(stack: Stack, database: Database[dict[str, Any]]) -> None:
    stack.stop("worker")
    goals = [factories.one_to_one(database) for _ in range(5)]
    answers = [factories.extend(stack, one) for one in goals]
    stack.stop("redis", signal.SIGKILL)
    answers += [factories.extend(stack, goals[0])]
    stack.start("redis")
    stack.start("worker")

    for answer in answers:
        assert answer.status == 202
        settled(database, answer.body["id"])
    assert [durations(database, one) for one in goals] == [[420], [360], [360], [360], [360]]
