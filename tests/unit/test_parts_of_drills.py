"""A drill's parts: each can be sent to a process of its own, and the report has their results in the plan's order."""

import pickle

import pytest

from dev.drill.beside import BrokeOff
from dev.drill.isolation import WAYS, Isolation
from dev.drill.parts import NAMES, Plan, report

PLAN = Plan(seed=7, extensions=2, rate=30.0, runs=2, outage=1.0)


def isolation(way: str) -> Isolation:
    return Isolation(way, extensions=2, usual=0.1, worst=0.1, late=0, unapplied=0, notified_after=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_sent_to_another_process(name: str) -> None:
    parts = PLAN.parts(name)

    assert parts
    assert [part.title for part in pickle.loads(pickle.dumps(parts))] == [part.title for part in parts]


def test_no_two_have_the_same_title() -> None:
    titles = [part.title for name in NAMES for part in PLAN.parts(name)]

    assert len(titles) == len(set(titles))


def test_results_are_in_the_order_of_the_parts_whichever_was_over_first() -> None:
    results = {f"isolation {way}": isolation(way) for way in reversed(WAYS)}

    made = report(PLAN, ["isolation"], results)

    assert [each.way for each in made.isolations] == list(WAYS)


def test_one_that_broke_off_is_a_broken_promise_and_one_that_is_not_over_is_none() -> None:
    made = report(PLAN, ["chaos"], {"chaos 8": BrokeOff("its process died")})

    assert made.broken() == ["chaos 8: the drill broke off: its process died"]
    assert made.to_come == ["chaos 7"]
