"""A week of one goal, an extension a minute, as fast as they are accepted, and what its session is like afterwards."""

import time
from statistics import median

from bson import encode

from dev.bench import streams
from dev.bench.drain import wait_done
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.load import Callers
from dev.bench.rig import Rig
from dev.bench.streams import Stream
from swag_goals.documents.session import Session

TITLE = "A week of one goal"
WEEK = 7 * 24 * 60  # extensions
REST = 120.0  # seconds
LOOKS = 20  # updates that are timed, of each kind
SIDE_BY_SIDE = 8
KIB = 1024


def run(effort: Effort, step: Step) -> Result:
    """Time first updates, then those of a session that has seen a week."""
    long, *fresh = streams.streams(1 + 2 * LOOKS)
    with Rig({"web": 1, "worker": 1, "sweeper": 1}, extended=[long, *fresh]) as rig:
        step("warm up")
        for stream in fresh[LOOKS:]:
            grant(rig, stream)
        first = [grant(rig, stream) for stream in fresh[:LOOKS]]
        wait_done(rig)
        rig.reset()
        count = effort.part(WEEK)
        step(f"{count:,} extensions")
        calls = Callers(rig.stack.settings, [long]).call_all(rig.stack.settings["API_URL"], count, SIDE_BY_SIDE)
        wait_done(rig)
        rig.check([call.extension for call in calls if call.extension])
        full = kept(rig, long)
        step(f"rest for {REST:.0f} s")
        time.sleep(REST)
        rested = kept(rig, long)
        last = [grant(rig, long) for _ in range(LOOKS)]
        wait_done(rig)
    return result(first, last, full, rested)


def grant(rig: Rig, stream: Stream) -> float:
    """Milliseconds of one update; the worker then finds that it was made, and notifies the viewers."""
    [extension] = rig.record(1, [stream])
    started = time.monotonic()
    Session.grant(extension)
    return 1000 * (time.monotonic() - started)


def kept(rig: Rig, stream: Stream) -> float:
    """KiB of what the session keeps for this program."""
    session = rig.database.session.find_one({"_id": stream.session_id}) or {}
    return len(encode(session["swag_goals"])) / KIB


def result(first: list[float], last: list[float], full: float, rested: float) -> Result:
    """The times, the sizes, and what they should be."""
    of_first, of_last = (
        Measured(f"{which} update of the session", "ms", times) for which, times in (("First", first), ("Last", last))
    )
    sizes = [Measured("Kept in the session, right after", "KiB", [full]), Measured("... rested", "KiB", [rested])]
    aims = [
        Aim("Time of an update after a week, in that of the first", [median(last) / median(first)], "at most", 1.5),
        Aim("KiB kept in the session after a week and a rest", [rested], "at most", 64),
    ]
    return Result([of_first, of_last, *sizes], aims)
