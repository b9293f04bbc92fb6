"""Clocks that are seconds apart: each host's, that is each process' and each member's, is wrong from its start on.

libfaketime stands between a process and its C library, so that all that asks for the time of day in there, MongoDB's
`$$NOW` too, gets the wrong one; waiting goes by a clock that is left alone.
"""

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from dev.stack import bundled

# Seconds. The program is promised members within 10 s of each other, and takes tokens 10 s from the future.
LEAST, MEMBERS, PROCESSES = 2.0, 4.5, 8.0
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where libfaketime has its own, one of each for a process


def member_clocks(chance: random.Random, names: Sequence[str]) -> dict[str, float]:
    """Seconds that each member of three is ahead: one is, one is behind, one is right."""
    wrong = [chance.uniform(LEAST, MEMBERS), -chance.uniform(LEAST, MEMBERS), 0.0]
    chance.shuffle(wrong)
    return dict(zip(names, wrong, strict=True))


def process_clocks(chance: random.Random, names: Sequence[str]) -> dict[str, float]:
    """Seconds that each process is ahead or behind."""
    return {name: chance.choice((-1, 1)) * chance.uniform(LEAST, PROCESSES) for name in names}


def wrong_by(seconds: float) -> Mapping[str, str]:
    """The environment of a process whose clock is that many seconds ahead.

    :raises NotBundled: libfaketime is not there for this platform.
    """
    return {
        "LD_PRELOAD": bundled.server("libfaketime", "vendor/libfaketime/src/libfaketime.so.1", "MONGODB_URI"),
        "FAKETIME": f"{seconds:+.3f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # A repair that it makes by itself, and which lets a wait by the clock that is left alone end at once.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }


def clean() -> None:
    """Remove what killed processes left of it in shared memory."""
    for left in SHARED_MEMORY.glob("*faketime_*_*"):
        if not psutil.pid_exists(int(left.name.rpartition("_")[2])):
            with suppress(FileNotFoundError):
                left.unlink()
