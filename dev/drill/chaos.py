"""Everything killed and frozen at random moments under load, and all of it counted from outside."""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dev.drill import accidents, goals, load, points, tally
from dev.drill.audit import notified_at
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
VOIDED = 0.05  # of the extensions
VOID_WITHIN = 60.0  # seconds

Progress = Callable[[int, int, int], None]


@dataclass(frozen=True)
class Subject:
    """What is drilled: its Procfile, how many of which process, where its jobs die, how all is counted."""

    lines: Mapping[str, str]
    processes: Mapping[str, int]
    points: Sequence[Point]
    tally: Callable[[System, Sequence[Press], Callable[[], None]], Tally]
    voided: float = 0.0  # which share of the extensions an operator voids


PROGRAM = Subject(procfile.lines(), {"web": 2, "worker": 2, "sweeper": 2}, points.IN_JOBS, tally.of_program, VOIDED)
#: For the control: the same without a ledger, as one would write it at first.
PLAIN = Subject(
    procfile.lines(Path(__file__).parent / "plain" / "Procfile"), {"web": 2, "worker": 2}, points.PLAIN, tally.of_plain
)


@dataclass(frozen=True)
class Chaos:
    """A chaos that is over; its load began at `began`, in seconds of the epoch."""

    seed: int
    began: float
    tally: Tally
    voided: int = 0


def run(seed: int, number: int, subject: Subject, say: Callable[[str], None], progress: Progress) -> Chaos:
    """Press for so many extensions. `progress` gets how many are pressed, acknowledged and notified so far."""
    chance = random.Random(seed)
    with System(
        say, chance, members=3, processes=subject.processes, faults=PUSHER_FAULTS, lines=subject.lines
    ) as system:
        staged = goals.insert(system.database, system.program.settings, chance, max(1, number // PER_GOAL))
        system.listener.subscribe([channel for goal in staged for channel in goal.channels])
        planned = load.plan(chance, staged, number)
        presses = [each.press for each in planned]
        _doom(system, subject, chance, presses)
        what = accidents.plan(chance, planned[-1].at, system.names)
        began = time.time()

        def follow() -> None:
            pressed = [press for press in presses if press.at >= began]
            acknowledged = sum(press.accepted_at is not None for press in pressed)
            progress(len(pressed), acknowledged, len(notified_at(system.database, pressed, system.listener.events)))

        erring = random.Random(f"{seed} voids")
        to_void = [press for press in presses if erring.random() < subject.voided]
        over = threading.Event()
        with ThreadPoolExecutor(2) as beside:
            wreaked = beside.submit(wreak, system, what, began, say)
            voided = beside.submit(void_all, system, to_void, over, VOID_WITHIN)
            load.run(planned, system.urls, began, follow)
            over.set()
            wreaked.result()
        return Chaos(seed, began, subject.tally(system, presses, follow), voided.result())


def _doom(system: System, subject: Subject, chance: random.Random, presses: Sequence[Press]) -> None:
    """Choose the extensions over which a worker dies, and where."""
    for press in presses:
        if chance.random() < DEATHS_IN_JOBS:
            system.marks.set(chance.choice(subject.points), press.extension)
