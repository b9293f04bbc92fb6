"""Pusher hangs, drips, refuses or fails now and then: seconds are given at once, and notified at its return."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import quantiles

from dev.drill import goals, load
from dev.drill.histories import judged
from dev.drill.load import RATE
from dev.drill.system import System
from dev.stack.waiting import wait_until

WAYS = ("hang", "drip", "500 before", "429", "two of three")
SESSIONS = 500
TIMEOUT = 60.0  # seconds until nobody waits any more for what is not notified

# What is promised, in seconds: from the call to the seconds in the session for 99 of 100 and at worst, and from
# Pusher's return until all whose permission lasts are notified.
USUAL, WORST, NOTIFIED = 1.0, 3.0, 15.0


@dataclass(frozen=True)
class Isolation:
    """One outage of Pusher's under load; times are in seconds."""

    way: str
    extensions: int
    usual: float
    worst: float
    late: int  # given by the late rule
    unapplied: int
    notified_after: float
    faults: Sequence[str] = ()

    def miscounted(self) -> Iterator[str]:
        """What was left undone, in words."""
        if self.unapplied:
            yield f"{self.unapplied} were not given"
        yield from self.faults

    def slow(self) -> Iterator[str]:
        """What took longer than promised, in words."""
        if self.late:
            yield f"{self.late} were given by the late rule"
        if self.usual > USUAL or self.worst > WORST:
            yield f"99 % were given within {self.usual:.2f} s, the last after {self.worst:.2f} s"
        if self.notified_after > NOTIFIED:
            yield f"all were notified only {self.notified_after:.1f} s after Pusher's return"


def run(seed: int, way: str, seconds: float, say: Callable[[str], None]) -> Isolation:
    """Extend goals with one worker while Pusher is unavailable in this way, and for a moment after its return."""
    chance = random.Random(f"{seed} {way}")
    with System(say, chance, processes={"web": 1, "worker": 1, "sweeper": 1}) as system:
        staged = goals.insert(system.database, system.program.settings, chance, SESSIONS)
        planned = load.plan(chance, staged, round(RATE * seconds))
        system.proxy.outage = way
        load.run(planned, system.urls, time.time())
        say("Pusher is back")
        system.proxy.outage = None
        back = time.time()
        due = {"due": {"$exists": True}}
        wait_until(lambda: system.database.extension.count_documents(due) == 0, TIMEOUT)
        notified_after = time.time() - back
        verdict = judged(system, [each.press for each in planned], f"isolation-{way}".replace(" ", "-"))
        return _measured(system, way, notified_after, verdict.faults)


def _measured(system: System, way: str, notified_after: float, faults: Sequence[str]) -> Isolation:
    rows = list(system.database.extension.find({}, ["status", "requested_at", "nbf", "applied_nbf", "applied_at"]))
    given = [row for row in rows if row.get("applied_at")]
    waits = sorted((row["applied_at"] - row["requested_at"]).total_seconds() for row in given)
    return Isolation(
        way,
        extensions=len(rows),
        usual=quantiles(waits, n=100)[98],
        worst=waits[-1],
        late=sum(row["applied_nbf"] != row["nbf"] for row in given),
        unapplied=len(rows) - len(given),
        notified_after=notified_after,
        faults=faults,
    )
