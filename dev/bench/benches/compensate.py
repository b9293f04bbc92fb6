"""A compensation of ten thousand running goals, what callers see of it, and three deaths on its way."""

import json
import random
import re
import subprocess
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bson import ObjectId

from dev.bench import streams
from dev.bench.checks import Wrong
from dev.bench.drain import wait_done
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.load import Callers
from dev.bench.processes import frozen
from dev.bench.rig import Rig
from dev.bench.streams import BOUGHT
from dev.stack import procfile
from dev.stack.folder import private_folder
from dev.stack.keeper import ROOT
from swag_goals.documents.extension import DONE, DURATION

TITLE = "A compensation of ten thousand running goals"
GOALS = 10_000
NAME = "bench"
COMMAND = f"flask compensate --name {NAME} --seconds {DURATION} --reason bench --running --json".split()
DEATHS = 3
CALLS = 100  # a second of a stretch, about
PAUSE = 0.02  # seconds from an answer to the next call
LOOK = 0.2  # seconds
LEFT = re.compile(r"Extending: [\d,]+ of [\d,]+, \d+:\d\d:\d\d left")
WITH, WITHOUT = "beside it", "without it"


class Compensation:
    """The command, started again and again on the same goals."""

    def __init__(self, rig: Rig, folder: Path) -> None:
        self._rig = rig
        self._said = folder / "said"
        self._printed = folder / "printed"
        self.rates: list[float] = []
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        environment = procfile.environment(self._rig.stack.settings)
        with self._printed.open("w") as printed, self._said.open("a") as said:
            self.process = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stdout=printed, stderr=said)

    def goals(self) -> int:
        """How many the ledger has under its name."""
        return self._rig.database.extension.count_documents({"key": f"compensate:{NAME}"})

    def wait(self, goals: int, step: Step) -> None:
        """Wait until so many are extended, or it has ended; how fast it was is kept."""
        before, began = (first := self.goals()), time.monotonic()
        while before < goals and self.process.poll() is None:
            step(f"{before:,} goals are extended")
            time.sleep(LOOK)
            before = self.goals()
        if before > first:  # else its next death comes as it starts
            self.rates.append((before - first) / (time.monotonic() - began))

    def summary(self) -> dict[str, Any]:
        """What it printed in the end.

        :raises Wrong: it did not end well, or has not said how long it takes.
        """
        if status := self.process.wait():
            raise Wrong(f"it ended with {status}: {self._said.read_text()[-300:]}")
        if not LEFT.search(self._said.read_text()):
            raise Wrong("it never said how far it is, and how long it takes")
        return dict(json.loads(self._printed.read_text()))


def run(effort: Effort, step: Step) -> Result:
    """Callers in turn beside it and without it; then it is killed at random, and run again until nothing is left."""
    goals, calls = streams.streams(effort.part(GOALS)), int(CALLS * effort.seconds)
    seen: dict[str, list[list[float]]] = {WITHOUT: [], WITH: []}
    with Rig({"web": 1, "worker": 1, "sweeper": 1}) as rig, private_folder() as folder:
        streams.write(rig.database, [*rig.streams, *goals])
        callers = Callers(rig.stack.settings, rig.streams)
        step("warm up")
        latencies(rig, callers, calls)
        compensation = Compensation(rig, folder)
        try:
            compensation.wait(1, step)
            compensation.rates.clear()
            for number in range(2 * effort.rounds):
                step(f"round {number + 1}: {WITHOUT}")
                with frozen(compensation.process.pid):
                    seen[WITHOUT].append(latencies(rig, callers, calls))
                step(f"round {number + 1}: {WITH}")
                seen[WITH].append(latencies(rig, callers, calls))
            every = len(goals) + len(rig.streams)
            for deadly in sorted(random.sample(range(compensation.goals(), every), DEATHS)):
                compensation.wait(deadly, step)
                compensation.process.kill()
                compensation.process.wait()
                compensation.start()
            compensation.wait(every, step)
            said = compensation.summary()
            compensation.start()
            check(rig, goals, said, compensation.summary())
        finally:
            compensation.process.kill()
            compensation.process.wait()
    return result(seen, compensation.rates)


def latencies(rig: Rig, callers: Callers, calls: int) -> list[float]:
    """Milliseconds of each call, one at a time."""
    found = []
    for call in callers.call_singly(rig.stack.settings["API_URL"], calls):
        found.append(1000 * (time.time() - call.at))
        time.sleep(PAUSE)
    return found


def check(rig: Rig, goals: list[streams.Stream], said: dict[str, Any], again: dict[str, Any]) -> None:
    """Each goal was extended once, whatever was killed, and the summary says so as often as it is asked for.

    :raises Wrong: when not.
    """
    wait_done(rig)
    every = len(goals) + len(rig.streams)
    if said != again or said["goals"] != every or said["not_extended"]:
        raise Wrong(f"it said {said}, and then {again}, of {every:,} goals")
    ids = [ObjectId(stream.goal) for stream in goals]
    sessions = [stream.session_id for stream in goals]
    durations = [
        permission["duration"]
        for session in rig.database.session.find({"_id": {"$in": sessions}})
        for permission in session["viewers"].values()
    ]
    if durations != [BOUGHT + DURATION] * len(goals):
        raise Wrong(f"{len(durations)} sessions of {len(goals)} are extended, by {set(durations)} in all")
    done = rig.database.extension.count_documents({"goal_id": {"$in": ids}, "status": DONE})
    if done != len(goals) or rig.database.extension.count_documents({"goal_id": {"$in": ids}}) != done:
        raise Wrong(f"{done} extensions of {len(goals)} goals are done")
    callers = [ObjectId(stream.streamer) for stream in rig.streams]
    rig.check([each["_id"] for each in rig.database.extension.find({"streamer_id": {"$in": callers}}, {"_id": 1})])


def result(seen: dict[str, list[list[float]]], rates: list[float]) -> Result:
    """What callers saw, in ratios of what they saw a moment before, and how fast it went meanwhile."""
    middle = {name: Measured(f"An extend call {name}", "ms", [median(each) for each in seen[name]]) for name in seen}
    slow = {name: Measured(f"The slowest twentieth {name}, from", "ms", list(map(_p95, seen[name]))) for name in seen}
    return Result(
        [*middle.values(), *slow.values(), Measured("Goals, from one death to the next", "goals/s", rates)],
        [
            Aim("An extend call beside a compensation, in one without", middle[WITH] / middle[WITHOUT], "at most", 1.5),
            Aim("... the slowest twentieth", slow[WITH] / slow[WITHOUT], "at most", 1.5),
        ],
    )


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]
