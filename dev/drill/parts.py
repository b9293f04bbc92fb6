"""The parts of a drill by name, and the report that their results come to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dev.drill import admission, chaos, crash_points, isolation, majority
from dev.drill.beside import BrokeOff, Part
from dev.drill.report import Report

NAMES = ("chaos", "crash-points", "control", "majority", "isolation", "admission")
WATCHED = 30.0  # seconds


@dataclass(frozen=True)
class Plan:
    """How much of it: extensions in a chaos, how many a second, chaoses, and seconds without Pusher."""

    seed: int
    extensions: int
    rate: float
    runs: int
    outage: float

    def parts(self, name: str) -> list[Part]:
        """What is to be done for the part of this name."""
        return list(_PARTS[name](self))


def _chaos(plan: Plan) -> Iterator[Part]:
    for seed in range(plan.seed, plan.seed + plan.runs):
        yield Part(f"chaos {seed}", partial(chaos.run, seed, plan.extensions, plan.rate, chaos.PROGRAM))


def _control(plan: Plan) -> Iterator[Part]:
    yield Part("control", partial(chaos.run, plan.seed, plan.extensions, plan.rate, chaos.PLAIN))


def _crash_points(plan: Plan) -> Iterator[Part]:
    for half in (0, 1):
        cases = crash_points.cases()[half::2]
        name = f"crash-points-{half + 1}"
        yield Part(name, partial(crash_points.run, plan.seed + half, cases, name))


def _majority(plan: Plan) -> Iterator[Part]:
    for way in majority.WAYS:
        yield Part(f"majority {way}", partial(majority.run, plan.seed, way))


def _isolation(plan: Plan) -> Iterator[Part]:
    for way in isolation.WAYS:
        yield Part(f"isolation {way}", partial(isolation.run, plan.seed, way, plan.outage))


def _admission(plan: Plan) -> Iterator[Part]:
    yield Part("admission", partial(admission.run, plan.seed, WATCHED))


_PARTS: Mapping[str, Callable[[Plan], Iterator[Part]]] = {
    "chaos": _chaos,
    "crash-points": _crash_points,
    "control": _control,
    "majority": _majority,
    "isolation": _isolation,
    "admission": _admission,
}


def report(plan: Plan, names: Sequence[str], results: Mapping[str, Any]) -> Report:
    """What came of these parts, in their order; `results` are by the parts' titles, and need not be all."""
    made = Report(plan.seed)
    for name in names:
        for part in plan.parts(name):
            _add(made, name, part.title, results.get(part.title))
    return made


def _add(made: Report, name: str, title: str, result: Any) -> None:
    if isinstance(result, BrokeOff):
        made.broken_off.append(f"{title}: the drill broke off: {result}")
    elif result is None:
        made.to_come.append(title)
    elif name == "crash-points":
        made.crash_points += result[0]
        made.crash_faults += result[1]
    elif name == "control":
        made.control = result
    else:
        lists: dict[str, list[Any]] = {
            "chaos": made.chaos,
            "majority": made.losses,
            "isolation": made.isolations,
            "admission": made.watched,
        }
        lists[name].append(result)
