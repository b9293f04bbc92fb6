"""Whether a viewer may watch, asked for with every segment, beside a bare Flask route under the same gunicorn."""

import threading
import time
from collections.abc import Sequence

from bson import ObjectId

from dev.bench.contestants import PEERS
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.load import Callers
from dev.bench.players import Player, ask_all, ask_steadily, let_watch, players
from dev.bench.processes import cpu_seconds, memory
from dev.bench.rig import Rig
from dev.bench.streams import Stream, streams
from dev.bench.webs import Web, webs
from dev.stack import procfile
from swag_goals.time_limits import YES_FRESH

TITLE = "Admission, with every segment"
WEBS = {"bare": f"gunicorn {PEERS}.bare_flask:app", "product": procfile.lines()["web"]}
SIDE_BY_SIDE = 8
SESSIONS, VIEWERS = 300, 5  # of a session
EVERY = 2.0  # seconds from one question for a viewer to the next
EXTENSIONS = 10  # a second, meanwhile
RATE = 1000  # questions a second at the least, to say how many are to be looked up
KNOWN = 50  # viewers who are asked for again and again
NEW = 5_000  # viewers, one to a session, whose memory is looked at


def run(effort: Effort, step: Step) -> Result:
    """Ask for those who are known, for those who have to be looked up, for a crowd, and for many new ones."""
    watched = streams(SESSIONS, VIEWERS)
    count = int(RATE * effort.seconds)
    with Rig({"worker": 1, "sweeper": 1}, extended=watched) as rig, webs(rig, WEBS) as up:
        sessions = {str(ObjectId()): [str(ObjectId())] for _ in range(count)}
        let_watch(rig.database, sessions)
        one_each = players(rig.stack.settings, sessions)
        for name, web in up.items():
            step(f"warm up {name}")
            ask_all(web.url, one_each, SIDE_BY_SIDE)
        found: dict[str, list[float]] = {"bare": [], "known": [], "looked up": []}
        for number in range(effort.rounds):
            step(f"round {number + 1}")
            found["bare"].append(cost(up["bare"], one_each))
            found["known"].append(cost(up["product"], [one_each[each % KNOWN] for each in range(count)]))
            time.sleep(YES_FRESH.total_seconds())
            found["looked up"].append(cost(up["product"], one_each))
        step("a crowd, while its sessions are extended")
        took = crowd(rig, up["product"], watched, 10 * effort.seconds)
        step("memory")
        return result(found, took, remembered(rig, up["product"]))


def cost(web: Web, asked: Sequence[Player]) -> float:
    """Milliseconds of the process' CPU time for each."""
    before = cpu_seconds(web.pid)
    ask_all(web.url, asked, SIDE_BY_SIDE)
    return 1000 * (cpu_seconds(web.pid) - before) / len(asked)


def crowd(rig: Rig, web: Web, watched: Sequence[Stream], seconds: float) -> list[float]:
    """How many seconds each answer took, while the same process records extensions of the sessions."""
    sessions = {stream.session: stream.viewers for stream in watched}
    let_watch(rig.database, sessions)
    callers = Callers(rig.stack.settings, watched)
    extending = threading.Thread(
        target=callers.call_steadily, args=(web.url, int(EXTENSIONS * seconds), float(EXTENSIONS))
    )
    extending.start()
    try:
        return ask_steadily(web.url, players(rig.stack.settings, sessions), EVERY, seconds)
    finally:
        extending.join()


def remembered(rig: Rig, web: Web) -> float:
    """Bytes of the process for each viewer whom it did not know before."""
    sessions = {str(ObjectId()): [str(ObjectId())] for _ in range(NEW)}
    let_watch(rig.database, sessions)
    asked, before = players(rig.stack.settings, sessions), memory(web.pid)
    ask_all(web.url, asked, SIDE_BY_SIDE)
    return (memory(web.pid) - before) / NEW


def result(found: dict[str, list[float]], took: list[float], remembered: float) -> Result:
    """The costs in those of the bare route, the crowd's times, the memory."""
    cpu = {name: Measured(f"CPU time: {name}", "ms/question", values) for name, values in found.items()}
    times = sorted(1000 * each for each in took)
    p99 = times[int(0.99 * len(times))]
    of = f"of {SESSIONS * VIEWERS:,} viewers, every {EVERY:.0f} s, ms"
    aims = [
        Aim("CPU time for a known viewer, in a bare Flask route's", cpu["known"] / cpu["bare"], "at most", 1.25),
        Aim("... for one who has to be looked up", cpu["looked up"] / cpu["bare"], "at most", 2.0),
        Aim(f"Answers to 99 of 100 {of}", [p99], "at most", 25.0),
        Aim("Memory for a known viewer, bytes", [remembered], "at most", 1000.0),
    ]
    middle = Measured(f"Answers to half {of}", "ms", [times[len(times) // 2]])
    return Result([*cpu.values(), middle, Measured("Questions of the crowd", "", [float(len(times))])], aims)
