"""Carries out a plan of accidents on a system."""

import signal
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from dev.drill.accidents import Accident
from dev.drill.system import System
from dev.stack.waiting import wait_until

ELECTED_WITHIN = 30.0  # seconds


def wreak(system: System, accidents: Iterable[Accident], start: float, say: Callable[[str], None]) -> None:
    """Let each accident happen at its time after `start`, and return when the last one is over."""
    with ThreadPoolExecutor(thread_name_prefix="accident") as pool:
        under_way = []
        for accident in accidents:
            time.sleep(max(start + accident.at - time.time(), 0))
            say(f"{accident.part} {accident.kind}")
            under_way.append(pool.submit(_happen, system, accident))
        for each in under_way:
            each.result()


def _happen(system: System, accident: Accident) -> None:
    """Let it happen, and return when it is over."""
    match accident:
        case Accident(part="pusher"):
            _cut_off_pusher(system, accident.lasts)
        case Accident(part="primary"):
            _kill_primary(system)
        case Accident(part="program"):
            for name in system.names:
                _signal(system, name, signal.SIGTERM)
        case Accident(kind="killed"):
            _signal(system, accident.part, signal.SIGKILL)
        case Accident(kind="down"):
            _keep_down(system, accident.part, accident.lasts)
        case Accident(kind="frozen"):
            _freeze(system, accident.part, accident.lasts)


def _signal(system: System, name: str, sig: int) -> None:
    with suppress(ProcessLookupError):  # it is dead already
        system.stack(name).signal(name, sig)


def _keep_down(system: System, name: str, seconds: float) -> None:
    system.stack(name).stop(name, signal.SIGKILL)
    time.sleep(seconds)
    system.stack(name).start(name)


def _freeze(system: System, name: str, seconds: float) -> None:
    with system.outages.of(name):
        _signal(system, name, signal.SIGSTOP)
        time.sleep(seconds)
        _signal(system, name, signal.SIGCONT)


def _cut_off_pusher(system: System, seconds: float) -> None:
    with system.outages.of("pusher"):
        system.proxy.outage = "reset before"
        time.sleep(seconds)
        system.proxy.outage = None


def _kill_primary(system: System) -> None:
    """Back is not the process that was killed but the next primary."""
    if killed := system.primary():
        with system.outages.of("primary"):
            _signal(system, killed, signal.SIGKILL)
            wait_until(lambda: system.primary() not in (None, killed), ELECTED_WITHIN)
