"""The load: presses at random moments, and the browsers that make and repeat the calls."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from dev.drill.browsers import Press, call, insist
from dev.drill.goals import DrilledGoal

RATE = 30.0  # presses a second, on average
CALLERS = 256  # so many calls can wait at a time, while MongoDB elects a primary
TIMEOUT = 120.0  # seconds until a browser gives up
REPEATED = 0.05  # share of the presses that are sent twice at once, and share of those sent again later
LATER = 2.0  # seconds


@dataclass(frozen=True)
class Planned:
    """A press, and when it happens, in seconds after the start of the load."""

    at: float
    press: Press
    twice: bool
    again: bool


def plan(chance: random.Random, goals: Sequence[DrilledGoal], number: int, rate: float = RATE) -> list[Planned]:
    """So many presses on these goals, in their order, `rate` of them a second on average."""
    at, planned = 0.0, []
    for _ in range(number):
        at += chance.expovariate(rate)
        press = Press(chance.choice(goals), f"drill-{chance.getrandbits(64):016x}")
        planned.append(Planned(at, press, chance.random() < REPEATED, chance.random() < REPEATED))
    return planned


def run(planned: Sequence[Planned], urls: Sequence[str], start: float) -> None:
    """Make the presses at their times after `start`; returns when each has its 2xx, or nobody waits any more."""
    with ThreadPoolExecutor(CALLERS, "browser") as pool:
        under_way: list[Future[None]] = []
        for each in planned:
            time.sleep(max(start + each.at - time.time(), 0))
            each.press.at = time.time()
            under_way += [pool.submit(_make, each, urls) for _ in range(2 if each.twice else 1)]
    for made in under_way:
        made.result()


def _make(planned: Planned, urls: Sequence[str]) -> None:
    insist(planned.press, urls, TIMEOUT)
    if planned.again:
        time.sleep(LATER)
        call(planned.press, urls)
