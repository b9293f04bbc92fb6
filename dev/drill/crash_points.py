"""Each process killed at each step of its work: one extension at a time, and its repeat."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bson import ObjectId

from dev.drill import goals
from dev.drill.audit import grants, notified_of
from dev.drill.books import faults, settled
from dev.drill.browsers import Press, insist
from dev.drill.delivery import deliver_again
from dev.drill.histories import judged
from dev.drill.operator import void, void_of
from dev.drill.own_audit import audited
from dev.drill.points import SWEEPER, VOID, WEB, WORKER, Point
from dev.drill.system import System
from dev.stack.supervisor import StartError
from dev.stack.waiting import wait_until

SETTLED_WITHIN = 60.0  # seconds until a case is given up
APART = 3.5  # seconds; a process that dies again sooner is kept waiting by whoever restarts it
LATE = 6.0  # seconds after which a job has to claim a new deadline


@dataclass(frozen=True)
class Case:
    """Where processes die over one extension, one after another; or over its `void`, once it is done."""

    deaths: tuple[Point, ...]
    void: bool = False

    @property
    def name(self) -> str:
        """Which process died where."""
        died = ", then ".join(f"{point.process} {point.name}" for point in self.deaths)
        return f"a void: {died}" if self.void else died

    def over(self, press: Press) -> str:
        """The id of what they die over."""
        return void_of(press) if self.void else press.extension

    @property
    def late(self) -> bool:
        """Whether the worker has to be down at first."""
        return any("deadline" in point.name for point in self.deaths)

    @property
    def refused(self) -> bool:
        """Whether Pusher has to refuse at first."""
        return any("notifying again" in point.name for point in self.deaths)

    @property
    def releases(self) -> bool:
        """Whether it is over only when the session's guard no longer holds the extension."""
        return any("release" in point.name for point in self.deaths)


@dataclass(frozen=True)
class Result:
    """What came of a case; `settled` is in seconds from when the last killed process ran again."""

    case: Case
    press: Press
    settled: float | None
    grants: list[int]
    events: list[int]

    @property
    def kept(self) -> bool:
        """Whether every promise was: one grant and at least one event for each viewer, and nothing left to do."""
        return self.settled is not None and set(self.grants) == {1} and min(self.events) >= 1


def cases() -> list[Case]:
    """All of them: every point of `points` is in one of them."""
    point = {each.name: each for each in (*WEB, *WORKER, *SWEEPER)}
    not_enqueued, granted = point["after the record"], point["after the session's update"]
    before = {
        "after the claim": (not_enqueued,),
        "after enqueueing again": (not_enqueued,),
        "before asking for the refusal": (granted,),
        "after asking for the refusal": (granted,),
        # One after the other, since a job is late, and a guard released, only after a while.
        "after claiming a deadline": (point.pop("before claiming a deadline"),),
        "after the guard's release": (point.pop("before the guard's release"),),
    }
    found = [Case((*before.get(name, ()), each)) for name, each in point.items()]
    steps = ("session's update", "Pusher call", "settlement")
    voided = [each for name, each in point.items() if name.endswith(steps)]
    found += [Case((each,), void=True) for each in (*VOID, *voided)]
    return [*found, Case((granted, point["after the Pusher call"], point["before the settlement"]))]


def run(seed: int, chosen: Sequence[Case], name: str, say: Callable[[str], None]) -> tuple[list[Result], list[str]]:
    """Go through the cases; the results, and what else was not as it should be. Their history has this name."""
    chance = random.Random(seed)
    with System(say, chance) as system:
        staged = goals.insert(system.database, system.program.settings, chance, len(chosen))
        results = []
        for case, goal in zip(chosen, staged, strict=True):
            result = _run(system, case, Press(goal, f"drill-{chance.getrandbits(64):x}"))
            results.append(result)
            say(f"{case.name}: {f'settled after {result.settled:.1f} s' if result.kept else 'BROKEN'}")
        return results, list(_afterwards(system, results, name))


def _run(system: System, case: Case, press: Press) -> Result:
    wait_until(lambda: time.time() - system.outages.last_return(0, time.time()) > APART, APART)
    system.listener.subscribe(press.goal.channels)
    if not case.void:
        _doom(system, case, press)
    if case.late:
        system.program.stop("worker")
    if case.refused:
        system.proxy.outage = "500 before"
    insist(press, system.urls, SETTLED_WITHIN)
    if case.refused:
        applied = {"_id": ObjectId(press.extension), "status": "applied"}
        wait_until(lambda: system.database.extension.count_documents(applied) == 1, SETTLED_WITHIN)
        system.proxy.outage = None
    if case.late:
        time.sleep(LATE)
        with suppress(StartError):  # it may die of what waits for it before anybody has seen it ready
            system.program.start("worker")
    before = [0] * len(press.goal.channels)
    if case.void:
        wait_until(lambda: _is_over(system, Case(()), press), SETTLED_WITHIN)
        before = _received(system, press)
        _doom(system, case, press)
        void(system, press, SETTLED_WITHIN)
    settled, asked = None, time.time() if case.void else press.accepted_at or press.at
    if wait_until(lambda: _is_over(system, case, press), SETTLED_WITHIN):
        now = time.time()
        settled = now - max(system.outages.last_return(press.at, now), asked)
    events = [after - known for after, known in zip(_received(system, press), before, strict=True)]
    return Result(case, press, settled, grants(system.database, press.goal), events)


def _doom(system: System, case: Case, press: Press) -> None:
    for point in case.deaths:
        system.marks.set(point, case.over(press))


def _is_over(system: System, case: Case, press: Press) -> bool:
    """Whether everybody has died who was to, and there is nothing left to do for the extension."""
    over = case.over(press)
    if any(system.marks.waiting(point, over) for point in case.deaths):
        return False
    if over not in settled(system.database, [over]):
        return False
    if not notified_of(system.database, over, press.goal, system.listener.events):
        return False
    to_release = {"_id": ObjectId(over), "release_at": {"$type": "date"}}
    return not (case.releases and system.database.extension.count_documents(to_release))


def _received(system: System, press: Press) -> list[int]:
    """How many events of the extension each viewer got."""
    received = [(event.channel, event.data["extension_id"]) for event in system.listener.events]
    return [received.count((channel, press.extension)) for channel in press.goal.channels]


def _afterwards(system: System, results: Sequence[Result], name: str) -> Iterator[str]:
    """What is wrong after every job was delivered once more."""
    presses = [result.press for result in results]
    if not deliver_again(system, presses):
        yield "jobs that were delivered again are not over"
    yield from (
        f"{result.case.name}: {grants(system.database, result.press.goal)} grants after a second delivery"
        for result in results
        if grants(system.database, result.press.goal) != result.grants
    )
    yield from faults(system.database, presses, system.listener.events)
    yield from audited(system)
    yield from judged(system, presses, name).faults
