"""Two of MongoDB's three members gone: nothing is promised until they are back, and then all is kept."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from signal import SIGCONT, SIGKILL, SIGSTOP

from dev.drill import goals, tally
from dev.drill.browsers import Press, call, insist
from dev.drill.system import System
from dev.drill.tally import Tally
from dev.stack.waiting import wait_until

OUTAGE = 20.0  # seconds; longer than the slowest answer
MAX_ANSWER = 15.0  # seconds that a caller waits for a 503
PRESSES = 6  # of each kind; one web process answers sixteen calls at a time
TIMEOUT = 60.0  # seconds until a browser gives up, once the members are back
WAYS = ("killed", "frozen")


@dataclass(frozen=True)
class Loss:
    """One loss of the majority. `answers`: how many of which status there were while it lasted."""

    way: str
    answers: Counter[int | None]
    slowest: float  # seconds
    tally: Tally

    @property
    def promises(self) -> int:
        """How many 2xx there were that nothing could stand behind."""
        return self.answers[200] + self.answers[202]


def run(seed: int, way: str, say: Callable[[str], None]) -> Loss:
    """Lose the majority this way, and get it back.

    There are presses whose calls are all made meanwhile, and repeats of presses that were accepted before.
    """
    chance = random.Random(f"{seed} {way}")
    with System(say, chance, members=3) as system:
        staged = goals.insert(system.database, system.program.settings, chance, 4)
        system.listener.subscribe([channel for goal in staged for channel in goal.channels])
        known, new = (
            [Press(chance.choice(staged), f"drill-{chance.getrandbits(64):016x}") for _ in range(PRESSES)]
            for _ in range(2)
        )
        with ThreadPoolExecutor(2 * PRESSES) as pool:
            list(pool.map(lambda press: insist(press, system.urls, TIMEOUT), known))
            with _no_majority(system, way, say):
                began = time.time()
                list(pool.map(lambda press: _call_until(press, system.urls, began + OUTAGE), known + new))
                healed = time.time()
            say("The members are back")
            list(pool.map(lambda press: insist(press, system.urls, TIMEOUT), known + new))
        tries = [each for press in known + new for each in press.tries if began <= each.at and each.over <= healed]
        slowest = max(each.over - each.at for each in tries)
        return Loss(
            way,
            Counter(each.status for each in tries),
            slowest,
            tally.of_program(system, known + new, f"majority-{way}"),
        )


def _call_until(press: Press, urls: Sequence[str], until: float) -> None:
    while time.time() < until:
        call(press, urls)
        time.sleep(random.uniform(0.5, 1))


@contextmanager
def _no_majority(system: System, way: str, say: Callable[[str], None]) -> Iterator[None]:
    """Without both secondaries as long as the block lasts."""
    wait_until(lambda: system.primary() is not None, TIMEOUT)
    primary = system.primary()
    secondaries = [name for name in system.members.values() if name != primary]
    say(f"Both secondaries are {way}")
    if way == "killed":
        for name in secondaries:
            system.servers.stop(name, SIGKILL)
        yield
        for name in secondaries:
            system.servers.start(name)
        return
    for name in secondaries:
        system.servers.signal(name, SIGSTOP)
    with system.outages.of("majority"):
        yield
        for name in secondaries:
            system.servers.signal(name, SIGCONT)
