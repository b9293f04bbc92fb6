"""A crowd of overdue extensions that nobody enqueued: the sweeper retries them, one worker does the rest."""

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from bson import ObjectId

from dev.bench.checks import Wrong
from dev.bench.drain import left
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Curve, Measured, Result
from dev.bench.processes import frozen, memory
from dev.bench.rig import Rig

TITLE = "Fifty thousand overdue extensions"
CROWD = 50_000
AGE = timedelta(minutes=10)
PARTS = 10  # whose times are compared
LOOK = 1.0  # seconds
MAX_WAIT = 600.0  # seconds
MB = 1_000_000


def run(effort: Effort, step: Step) -> Result:
    """Let the sweeper find them, and see how it goes on."""
    count = effort.part(CROWD)
    with Rig({"worker": 1, "sweeper": 1}) as rig:
        with frozen(rig.pid("sweeper")):
            step(f"record {count:,}")
            ids = [extension.id for extension in rig.record(count, age=AGE)]
        started = time.time()
        memories = watch(rig, ids, step)
        step("check them")
        rig.check(ids)
        return result(started, done_at(rig), memories)


def watch(rig: Rig, ids: Sequence[ObjectId], step: Step) -> list[float]:
    """Wait until all are done; the sweeper's memory in MB, once a look."""
    memories = []
    deadline = time.monotonic() + MAX_WAIT
    while undone := left(rig):
        if time.monotonic() > deadline:
            raise Wrong(f"{undone:,} of {len(ids):,} extensions are not done after {MAX_WAIT:g} s")
        step(f"{len(ids) - undone:,} of {len(ids):,} are swept and done")
        memories.append(memory(rig.pid("sweeper")) / MB)
        time.sleep(LOOK)
    return memories


def done_at(rig: Rig) -> list[float]:
    """When each was done, by the ledger, in order; in seconds of the epoch."""
    return sorted(each["notified_at"].timestamp() for each in rig.database.extension.find({}, {"notified_at": 1}))


def result(started: float, done: Sequence[float], memories: Sequence[float]) -> Result:
    """The rates of the parts, the sweeper's memory, and the way that it went."""
    size = len(done) // PARTS
    ends = [started, *(done[size * (part + 1) - 1] for part in range(PARTS))]
    rates = [size / (end - start) for start, end in pairwise(ends)]
    half = len(memories) // 2
    aims = [
        Aim("Rate of the second half, in that of the first", [_rate(rates[5:]) / _rate(rates[:5])], "at least", 0.8),
        Aim(
            "The sweeper's memory in the second half, in that in the first",
            [max(memories[half:]) / max(memories[:half])],
            "at most",
            1.1,
        ),
    ]
    shown = range(0, len(done), max(len(done) // 200, 1))
    curve = Curve("done", [done[number] - started for number in shown], list(shown))
    return Result(
        [
            Measured("Swept, applied and notified, in each tenth", "extensions/s", rates),
            Measured("The sweeper's memory", "MB", memories),
        ],
        aims,
        [curve],
        ("seconds", "extensions"),
    )


def _rate(rates: Sequence[float]) -> float:
    """Of parts of the same size together."""
    return len(rates) / sum(1 / rate for rate in rates)
