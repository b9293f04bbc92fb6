"""The extend call, beside bare Flask routes under the same gunicorn and beside the same call on FastAPI."""

import time
from dataclasses import dataclass

from dev.bench.contestants import PEERS
from dev.bench.drain import wait_done
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.load import Callers
from dev.bench.processes import cpu_seconds, frozen
from dev.bench.rig import Rig
from dev.bench.webs import Web, webs
from dev.stack import procfile

TITLE = "The extend call"
SIDE_BY_SIDE = 8
BEHIND = {"worker": 1, "sweeper": 1}
WARM_UP = 200  # calls
WEBS = {
    "bare": f"gunicorn {PEERS}.bare_flask:app",
    "trips": f"gunicorn {PEERS}.bare_trips:app",
    "fastapi": f"uvicorn {PEERS}.fastapi_call:app --port $PORT --log-level warning",
    "product": procfile.lines()["web"],
}
TITLES = {
    "bare": "A bare Flask route",
    "trips": "... with the bare round trips",
    "fastapi": "The extend call on FastAPI",
    "product": "The extend call",
}


@dataclass(frozen=True)
class Served:
    """Calls a second, and the process' milliseconds of CPU time for each."""

    rate: float
    cpu: float


def run(effort: Effort, step: Step) -> Result:
    """Call each of them in turn, several times."""
    found: dict[str, list[Served]] = {name: [] for name in WEBS}
    with Rig(BEHIND) as rig, webs(rig, WEBS) as up:
        callers = Callers(rig.stack.settings, rig.streams)
        counts = {}
        for name, web in up.items():
            step(f"warm up {TITLES[name]}")
            counts[name] = int(serve(rig, callers, web, WARM_UP).rate * effort.seconds)
        for number in range(effort.rounds):
            for name, web in list(up.items())[:: 1 if number % 2 else -1]:
                step(f"round {number + 1}: {TITLES[name]}")
                found[name].append(serve(rig, callers, web, counts[name]))
    return result(found)


def serve(rig: Rig, callers: Callers, web: Web, count: int) -> Served:
    """Make so many calls while nothing stands behind them; then let what was requested happen, and check it."""
    rig.reset()
    with frozen(*map(rig.pid, BEHIND)):
        before, started = cpu_seconds(web.pid), time.monotonic()
        calls = callers.call_all(web.url, count, SIDE_BY_SIDE)
        took, used = time.monotonic() - started, cpu_seconds(web.pid) - before
    ids = [call.extension for call in calls if call.extension]
    wait_done(rig)
    rig.check(ids)
    return Served(count / took, 1000 * used / count)


def result(found: dict[str, list[Served]]) -> Result:
    """What a call costs and how many go, in those of the others."""
    cpu = {n: Measured(f"{TITLES[n]}: its CPU time", "ms/call", [each.cpu for each in found[n]]) for n in WEBS}
    rate = {n: Measured(TITLES[n], "calls/s", [each.rate for each in found[n]]) for n in WEBS}
    aims = [
        Aim("CPU time of an extend call, in calls of a bare Flask route", cpu["product"] / cpu["bare"], "at most", 5.0),
        Aim("... of one with the same round trips", cpu["product"] / cpu["trips"], "at most", 1.35),
        Aim("Extend calls a second, in those of FastAPI", rate["product"] / rate["fastapi"], "at least", 1.0),
    ]
    return Result([each for name in WEBS for each in (rate[name], cpu[name])], aims)
