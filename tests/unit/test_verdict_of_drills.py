"""A drill's verdict can fail: each kind of broken promise is named, and a control that broke none."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from dev.drill.admission import Change, Watched, judged
from dev.drill.audit import Count
from dev.drill.browsers import Press, Try
from dev.drill.chaos import Chaos
from dev.drill.crash_points import Result, cases
from dev.drill.crowd import Asked
from dev.drill.goals import DrilledGoal
from dev.drill.majority import Loss
from dev.drill.outages import Outage
from dev.drill.points import ALL, PLAIN, Point
from dev.drill.report import Report
from dev.drill.tally import Tally

NOW = 1_767_225_600.0
KEPT = Count(pressed=1, acknowledged=1, unanswered=0, lost=0, doubled=0, not_notified=0)
DEATH = cases()[0]


def accepted() -> Press:
    """A press that had its 202 just now."""
    goal = DrilledGoal("a" * 24, "b" * 24, "c" * 24, "token", {"d" * 24: None})
    return Press(goal, "key", NOW, [Try(202, NOW, NOW, goal.extension("key"))])


def tally(
    count: Count = KEPT, wait: float | None = 1.0, faults: Sequence[str] = (), outages: Sequence[Outage] = ()
) -> Tally:
    """Of one press, settled so many seconds after its answer."""
    press = accepted()
    settled = {} if wait is None else {press.extension: NOW + wait}
    return Tally([press], count, settled, outages, faults)


def chaos(tally: Tally) -> Chaos:
    return Chaos(seed=7, began=NOW, tally=tally)


def of_chaos(tally: Tally) -> Report:
    return Report(7, chaos=[chaos(tally)])


def of_crash_point(
    settled: float | None = 1.0, grants: Sequence[int] = (1, 1), events: Sequence[int] = (1, 2)
) -> Report:
    return Report(7, crash_points=[Result(DEATH, accepted(), settled, list(grants), list(events))])


def of_loss(answers: Counter[int | None] | None = None, slowest: float = 14.0, found: Tally | None = None) -> Report:
    return Report(7, losses=[Loss("frozen", answers or Counter({503: 24}), slowest, found or tally())])


@pytest.mark.parametrize("report", [Report(7), of_chaos(tally()), of_crash_point(), of_loss()])
def test_of_promises_that_were_kept_it_says_nothing(report: Report) -> None:
    assert report.broken() == []


@pytest.mark.parametrize("promise", ["unanswered", "lost", "doubled", "not_notified"])
@pytest.mark.parametrize("of", [of_chaos, lambda found: of_loss(found=found)])
def test_one_that_was_broken_once_is_named(promise: str, of: Callable[[Tally], Report]) -> None:
    (said,) = of(tally(replace(KEPT, **{promise: 1}))).miscounted()
    assert said.endswith(f": 1 {promise.replace('_', ' ')}")


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (of_chaos(tally(wait=None)), "chaos 7: 1 pending"),
        (of_chaos(tally(faults=["began at the wrong time"])), "chaos 7: began at the wrong time"),
        (of_crash_point(grants=[1, 2]), "[1, 2] grants"),
        (of_crash_point(grants=[1, 0]), "[1, 0] grants"),
        (of_crash_point(events=[1, 0]), "[1, 0] events"),
        (of_crash_point(settled=None), "settled: None"),
        (Report(7, crash_faults=["a viewer holds nothing"]), "crash points: a viewer holds nothing"),
        (of_loss(Counter({503: 23, 202: 1})), "majority frozen: 1 promises without a majority"),
        (of_loss(Counter({None: 24})), "majority frozen: no 503"),
        (Report(7, broken_off=["chaos 8: the drill broke off"]), "chaos 8: the drill broke off"),
        (Report(7, control=chaos(tally())), "control: the plain program kept every promise"),
    ],
)
def test_whatever_else_was_broken_is_named(report: Report, said: str) -> None:
    (broken,) = report.miscounted()
    assert said in broken
    assert broken in report.broken()


@pytest.mark.parametrize("broken", ["lost", "doubled", "not_notified"])
def test_a_control_that_broke_a_promise_is_as_it_should_be(broken: str) -> None:
    assert Report(7, control=chaos(tally(replace(KEPT, **{broken: 1})))).broken() == []


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (of_chaos(tally(wait=3.5)), "chaos 7: settled only after 3.5 s in the median"),
        (of_crash_point(settled=15.5), f"crash points: {DEATH.name}: settled only after 15.5 s"),
        (of_loss(slowest=15.5), "majority frozen: an answer took 15.5 s"),
    ],
)
def test_what_took_too_long_is_named_and_is_no_miscount(report: Report, said: str) -> None:
    assert report.miscounted() == []
    assert report.broken() == [said]


def test_the_wait_begins_when_the_last_part_that_was_down_runs_again() -> None:
    outages = [Outage("redis", NOW, NOW + 8), Outage("web", NOW - 9, NOW - 8), Outage("worker", NOW, None)]
    waits = tally(wait=10.0, outages=outages)
    assert waits.waits() == [pytest.approx(2.0, abs=0.01)]
    assert waits.waits_from_answer() == [pytest.approx(10.0, abs=0.01)]


def test_a_slow_disk_excuses_nobody() -> None:
    assert tally(wait=10.0, outages=[Outage("disk", NOW, NOW + 9)]).waits() == [pytest.approx(10.0, abs=0.01)]


def test_a_process_dies_at_every_point_in_one_of_the_cases() -> None:
    assert {point for case in cases() for point in case.deaths} == set(ALL) - set(PLAIN)


@pytest.mark.parametrize("point", ALL, ids=lambda point: point.name)
def test_every_point_is_in_the_program(point: Point) -> None:
    point.check()


def watched(status: int, at: float, *changes: Change) -> Watched:
    """One answer to a viewer at this time, among others that are as they should be."""
    right = [Asked("right", NOW, NOW, 204), Asked("right", NOW + 90, NOW + 90, 403)]
    return judged(7, [*right, Asked("s", at, at, status)], {"right": [Change(0, 1, NOW + 9)], "s": changes})


FIRST = Change(0, 1, NOW + 10)
EXTENDED = Change(NOW + 8, NOW + 9, NOW + 70)


@pytest.mark.parametrize(
    ("status", "at", "changes", "refused", "let_in"),
    [
        (204, NOW, (FIRST,), 0, 0),
        (403, NOW, (FIRST,), 1, 0),
        (401, NOW, (FIRST,), 1, 0),
        (503, NOW, (FIRST,), 0, 0),
        (403, NOW + 10, (FIRST,), 0, 0),
        (204, NOW + 14, (FIRST,), 0, 0),
        (204, NOW + 16, (FIRST,), 0, 1),
        (204, NOW + 16, (FIRST, EXTENDED), 0, 0),
        (403, NOW + 10.5, (FIRST, EXTENDED), 0, 0),
        (403, NOW + 11.5, (FIRST, EXTENDED), 1, 0),
        (403, NOW + 9, (FIRST, Change(NOW + 1, float("inf"), NOW + 2)), 0, 0),
    ],
)
def test_an_answer_to_a_viewer_is_judged_by_what_may_have_stood(
    status: int, at: float, changes: Sequence[Change], refused: int, let_in: int
) -> None:
    found = watched(status, at, *changes)

    assert (found.refused, found.let_in) == (refused, let_in)
    assert len(Report(7, watched=[found]).broken()) == refused + let_in
