"""Carries out a plan of accidents on a system."""

import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from dev.drill.accidents import Accident
from dev.drill.links import CLIENTS, Way
from dev.drill.system import System
from dev.stack.waiting import wait_until

AT_ONCE = 16  # accidents
ELECTED_WITHIN = 30.0  # seconds
SYNC_TAKES = (0.05, 0.4)  # seconds longer, on a slow disk


def wreak(system: System, accidents: Iterable[Accident], start: float, say: Callable[[str], None]) -> None:
    """Let each accident happen at its time after `start`, and return when the last one is over."""
    with ThreadPoolExecutor(AT_ONCE, "accident") as pool:
        under_way = []
        for accident in accidents:
            time.sleep(max(start + accident.at - time.time(), 0))
            say(f"{accident.part} {accident.kind}")
            under_way.append(pool.submit(_OF[accident.part], system, accident))
        for each in under_way:
            each.result()


def _kill_freeze_or_keep_down(system: System, accident: Accident) -> None:
    name = accident.part
    match accident.kind:
        case "killed":
            _signal(system, name, signal.SIGKILL)
        case "frozen":
            _freeze(system, name, accident.lasts)
        case "down":
            system.stack(name).stop(name, signal.SIGKILL)
            time.sleep(accident.lasts)
            system.stack(name).start(name)


def _signal(system: System, name: str, sig: int) -> None:
    with suppress(ProcessLookupError):  # it is dead already
        system.stack(name).signal(name, sig)


def _freeze(system: System, name: str, seconds: float) -> None:
    with system.outages.of(name):
        _signal(system, name, signal.SIGSTOP)
        time.sleep(seconds)
        _signal(system, name, signal.SIGCONT)


def _terminate_program(system: System, _: Accident) -> None:
    for name in system.names:
        _signal(system, name, signal.SIGTERM)


def _cut_off_pusher(system: System, accident: Accident) -> None:
    with system.outages.of("pusher"):
        system.proxy.outage = "reset before"
        time.sleep(accident.lasts)
        system.proxy.outage = None


def _kill_or_freeze_primary(system: System, accident: Accident) -> None:
    """Until the next election is over, whoever wins it; one that was frozen comes back to find another primary."""
    with system.outages.of("primary"):
        before, primary = system.election(), system.primary() or "mongod-1"
        if accident.kind == "killed":
            _signal(system, primary, signal.SIGKILL)
        else:
            _freeze(system, primary, accident.lasts)
        wait_until(lambda: system.primary() is not None and system.election() != before, ELECTED_WITHIN)


def _cut_links(system: System, accident: Accident) -> None:
    """Cut ways, and wait as long as that, and after it until there is a primary."""
    first, *others = _shuffled(system, accident)
    if accident.kind == "primary cut off" and (primary := system.primary()) and primary != first:
        others[others.index(primary)], first = first, primary
    ends = {"two cut apart": others[:1], "member gone": [*others, CLIENTS]}.get(accident.kind, others)
    with system.outages.of("links"), system.links.cut(Way((first, end)) for end in ends):
        time.sleep(accident.lasts)
    with system.outages.of("primary"):
        wait_until(lambda: system.primary() is not None, ELECTED_WITHIN)


def _slow_down_disk(system: System, accident: Accident) -> None:
    member, *_ = _shuffled(system, accident)
    with system.outages.of("disk"), system.slow_disk(member, random.Random(accident.at).uniform(*SYNC_TAKES)):
        time.sleep(accident.lasts)


def _shuffled(system: System, accident: Accident) -> list[str]:
    """The members in an order that the accident's plan decides."""
    return random.Random(accident.at).sample(list(system.members.values()), 3)


_OF = defaultdict(
    lambda: _kill_freeze_or_keep_down,
    {
        "program": _terminate_program,
        "primary": _kill_or_freeze_primary,
        "links": _cut_links,
        "disk": _slow_down_disk,
        "pusher": _cut_off_pusher,
    },
)
