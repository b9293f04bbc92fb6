"""Everything killed and frozen at random moments under load, and all of it counted from outside."""

import os
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from dev.drill import accidents, goals, load, points, tally
from dev.drill.accidents import Accident
from dev.drill.browsers import Press
from dev.drill.havoc import wreak
from dev.drill.operator import void_all
from dev.drill.points import Point
from dev.drill.system import System
from dev.drill.tally import Tally
from dev.stack import procfile

PER_GOAL = 15  # presses, on average
PUSHER_FAULTS = 0.05  # of the calls to it
DEATHS_IN_JOBS = 0.01  # of the extensions
VOIDED = 0.02  # of the extensions
VOID_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class Subject:
    """What is drilled: its Procfile, how many of which process, where its jobs die, how all is counted."""

    lines: Mapping[str, str]
    processes: Mapping[str, int]
    points: Sequence[Point]
    tally: Callable[[System, Sequence[Press], str], Tally]
    voided: float = 0.0  # which share of the extensions an operator voids


PROGRAM = Subject(procfile.lines(), {"web": 2, "worker": 2, "sweeper": 2}, points.IN_JOBS, tally.of_program, VOIDED)
#: For the control: the same without a ledger, as one would write it at first.
PLAIN = Subject(
    procfile.lines(Path(__file__).parent / "plain" / "Procfile"), {"web": 2, "worker": 2}, points.PLAIN, tally.of_plain
)


@dataclass(frozen=True)
class Chaos:
    """A chaos that is over; its load began at `began`, in seconds of the epoch, and lasted `seconds`."""

    seed: int
    began: float
    tally: Tally
    voided: int = 0
    seconds: float = 0.0
    accidents: Sequence[Accident] = ()
    clocks: Mapping[str, float] = field(default_factory=dict)  # seconds that each was ahead
    load: float = 0.0  # of the whole machine, on average
    elections: int = 0
    rollbacks: int = 0  # of members that had written what the others never got

    def apart(self, kind: str) -> float:
        """How many seconds the clocks of processes whose name begins with this were apart at most."""
        ahead = [seconds for name, seconds in self.clocks.items() if name.startswith(kind)]
        return max(ahead, default=0.0) - min(ahead, default=0.0)


def run(seed: int, number: int, rate: float, subject: Subject, say: Callable[[str], None]) -> Chaos:
    """Press for so many extensions, `rate` of them a second, and let everything happen meanwhile that its seed says."""
    chance = random.Random(seed)
    with System(
        say, chance, members=3, processes=subject.processes, faults=PUSHER_FAULTS, lines=subject.lines, apart=True
    ) as system:
        staged = goals.insert(system.database, system.program.settings, chance, max(1, number // PER_GOAL))
        system.listener.subscribe([channel for goal in staged for channel in goal.channels])
        planned = load.plan(chance, staged, number, rate)
        presses = [each.press for each in planned]
        _doom(system, subject, chance, presses)
        what = accidents.plan(chance, planned[-1].at, system.names, rate / load.RATE)
        began = time.time()

        erring = random.Random(f"{seed} voids")
        to_void = [press for press in presses if erring.random() < subject.voided]
        over = threading.Event()
        with ThreadPoolExecutor(2) as beside:
            wreaked = beside.submit(wreak, system, what, began, say)
            voided = beside.submit(void_all, system, to_void, over, VOID_WITHIN)
            load.run(planned, system.urls, began)
            over.set()
            wreaked.result()
        seconds, (_, busy, _) = time.time() - began, os.getloadavg()
        say(f"{number} extensions were pressed for within {seconds:.0f} s; now they are counted")
        tallied = subject.tally(system, presses, f"chaos-{seed}")
        return Chaos(
            seed, began, tallied, voided.result(), seconds, what, system.clocks, busy, *_changes_of_primary(system)
        )


def _changes_of_primary(system: System) -> tuple[int, int]:
    """How many elections there were, and how many rollbacks, by the members' own logs."""
    logs = [system.servers.logs(name) for name in system.members.values()]
    elected, rolled_back = '"msg":"Transition to primary complete', '"msg":"Rollback summary"'
    return sum(log.count(elected) for log in logs), sum(log.count(rolled_back) for log in logs)


def _doom(system: System, subject: Subject, chance: random.Random, presses: Sequence[Press]) -> None:
    """Choose the extensions over which a worker dies, and where."""
    for press in presses:
        if chance.random() < DEATHS_IN_JOBS:
            system.marks.set(chance.choice(subject.points), press.extension)
