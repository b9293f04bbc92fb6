"""The memory of each process over a hundred thousand extensions, from the call to the viewer."""

from dev.bench.drain import wait_done
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Curve, Measured, Result
from dev.bench.load import Callers
from dev.bench.processes import memory
from dev.bench.rig import Rig

TITLE = "Memory over a hundred thousand extensions"
PROCESSES = ("web", "worker", "sweeper")
CALLS = 100_000
PARTS = 25  # after each, everything is checked and then forgotten
SIDE_BY_SIDE = 8
MB = 1_000_000


def run(effort: Effort, step: Step) -> Result:
    """Make so many calls, in parts."""
    part = effort.part(CALLS) // PARTS
    found: dict[str, list[float]] = {name: [] for name in PROCESSES}
    with Rig(dict.fromkeys(PROCESSES, 1)) as rig:
        callers = Callers(rig.stack.settings, rig.streams)
        for number in range(PARTS):
            step(f"{number * part:,} of {PARTS * part:,} are done")
            rig.reset()
            calls = callers.call_all(rig.stack.settings["API_URL"], part, SIDE_BY_SIDE)
            wait_done(rig)
            rig.check([call.extension for call in calls if call.extension])
            for name in PROCESSES:
                found[name].append(memory(rig.pid(name)) / MB)
    return result(found, part)


def result(found: dict[str, list[float]], part: int) -> Result:
    """How each went on, and the last fifth in the second fifth: in the first one they warm up."""
    measured = [Measured(f"Memory of the {name}", "MB", found[name]) for name in PROCESSES]
    fifth = PARTS // 5
    aims = [
        Aim(
            f"Memory of the {name} at the end, in that after a fifth",
            [max(found[name][-fifth:]) / max(found[name][fifth : 2 * fifth])],
            "at most",
            1.05,
        )
        for name in PROCESSES
    ]
    extensions = [part * (number + 1) for number in range(PARTS)]
    curves = [Curve(name, extensions, found[name]) for name in PROCESSES]
    return Result(measured, aims, curves, ("extensions", "MB"))
