"""From the call to the event at pusher-js, beside the same service whose job's function is called in the request."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from dev.bench import whole_way
from dev.bench.checks import Wrong
from dev.bench.contestants import PEERS
from dev.bench.drain import wait_done
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Curve, Measured, Result
from dev.bench.load import Call, Callers
from dev.bench.rig import Rig
from dev.bench.webs import Web, webs
from dev.stack import procfile

TITLE = "From the call to the event"
TITLES = {"inline": "Its function in the request", "product": "The job on its queue"}
LINES = {"inline": f"gunicorn {PEERS}.inline_flask:app", "product": procfile.lines()["web"]}
IDLE_CALLS = 60  # in a round
PAUSE = 0.02  # seconds from an event to the next call
NOTIFIED_WITHIN = 10.0  # seconds


@dataclass
class Bench:
    """The rig, and who calls what."""

    rig: Rig
    callers: Callers
    up: dict[str, Web]

    def idle(self, name: str, count: int) -> list[float]:
        """Milliseconds to the event, one call at a time."""
        self.rig.reset()
        calls: list[Call] = []
        for each in self.callers.call_singly(self.up[name].url, count):
            calls.append(each)
            self._wait_notified([each])
            time.sleep(PAUSE)
        return self._checked(calls)

    def steady(self, name: str, count: int, rate: float) -> list[float]:
        """Milliseconds to the event, at so many calls a second, from when each was due."""
        self.rig.reset()
        return self._checked(self.callers.call_steadily(self.up[name].url, count, rate))

    def _checked(self, calls: Sequence[Call]) -> list[float]:
        ids = [call.extension for call in calls if call.extension]
        wait_done(self.rig)
        self.rig.check(ids)
        received = self._received()
        return [1000 * (received[str(call.extension)] - call.at) for call in calls]

    def _received(self) -> dict[str, float]:
        """When the first event of each extension was received, in seconds of the epoch."""
        received: dict[str, float] = {}
        for event in self.rig.received():
            received.setdefault(event.data["extension_id"], event.at / 1000)
        return received

    def _wait_notified(self, calls: Sequence[Call]) -> None:
        wanted = {str(call.extension) for call in calls}
        try:
            self.rig.listener.wait_until(lambda _: wanted <= self._received().keys(), NOTIFIED_WITHIN)
        except TimeoutError as error:
            raise Wrong(str(error)) from None


def run(effort: Effort, step: Step) -> Result:
    """Idle, then at the top rate, then at half of it."""
    idle: dict[str, list[list[float]]] = {name: [] for name in TITLES}
    half: dict[str, list[list[float]]] = {name: [] for name in TITLES}
    with Rig({"worker": 1, "sweeper": 1}) as rig, webs(rig, LINES) as up:
        bench = Bench(rig, Callers(rig.stack.settings, rig.streams), up)
        for name, title in TITLES.items():
            step(f"warm up: {title}")
            bench.idle(name, IDLE_CALLS)
        for number in range(effort.rounds):
            for name in list(TITLES)[:: 1 if number % 2 else -1]:
                step(f"idle, round {number + 1}: {TITLES[name]}")
                idle[name].append(bench.idle(name, IDLE_CALLS))
        top = partial(whole_way.rate, rig, [up["product"].url])
        count = int(top(2 * IDLE_CALLS) * 2 * effort.seconds)
        rates = []
        for number in range(effort.rounds):
            step(f"the top rate, round {number + 1}")
            rates.append(top(count))
        rate = median(rates) / 2
        for number in range(effort.rounds):
            for name in list(TITLES)[:: 1 if number % 2 else -1]:
                step(f"{rate:.0f} calls a second, round {number + 1}: {TITLES[name]}")
                half[name].append(bench.steady(name, int(rate * 2 * effort.seconds), rate))
    return result(idle, half, rates)


def result(idle: dict[str, list[list[float]]], half: dict[str, list[list[float]]], rates: list[float]) -> Result:
    """The medians of the rounds, their ratios, and how all of them are distributed."""
    at_rest = {name: Measured(f"{TITLES[name]}, idle", "ms", [median(each) for each in idle[name]]) for name in TITLES}
    loaded = {
        name: Measured(f"{TITLES[name]}, at half of the top rate", "ms", [median(each) for each in half[name]])
        for name in TITLES
    }
    aims = [
        Aim("Idle: on the queue, in those of in the request", at_rest["product"] / at_rest["inline"], "at most", 1.1),
        Aim("At half of the top rate: the same", loaded["product"] / loaded["inline"], "at most", 2.0),
        Aim("... in those of in the request, idle", loaded["product"] / at_rest["inline"], "at most", 1.6),
    ]
    curves = [
        distribution(f"{TITLES[name]}, {what}", [each for one in found[name] for each in one])
        for what, found in (("idle", idle), ("at half of the top rate", half))
        for name in TITLES
    ]
    top = Measured("The top rate of one web and one worker", "calls/s", rates)
    axes = ("milliseconds from the call to the event", "share of the calls")
    return Result([*at_rest.values(), top, *loaded.values()], aims, curves, axes)


def distribution(what: str, values: Sequence[float]) -> Curve:
    """The share of the values up to each percentile."""
    ordered = sorted(values)
    shares = [number / 100 for number in range(1, 100)]
    return Curve(what, [ordered[int(share * len(ordered))] for share in shares], shares)
