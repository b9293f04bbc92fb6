"""One, two and four workers on the same queue; and two of each process beside one of each."""

from dev.bench import whole_way
from dev.bench.drain import drain
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Curve, Measured, Result
from dev.bench.rig import Rig

TITLE = "Several of each process"
WORKERS = (1, 2, 4)
PROCESSES = {"web": 2, "worker": max(WORKERS), "sweeper": 2}
OF_EACH = (1, 2)
WARM_UP = 500  # extensions


def run(effort: Effort, step: Step) -> Result:
    """The workers on full queues; then all of it from the call to the event."""
    with Rig(PROCESSES) as rig:
        sessions = {"different sessions": rig.streams, "one session": rig.streams[:1]}
        workers: dict[str, dict[int, list[float]]] = {kind: {n: [] for n in WORKERS} for kind in sessions}
        for number in range(-1, effort.rounds):  # the first one warms up
            for count in WORKERS:
                run_only(rig, worker=count)
                for kind, extended in sessions.items():
                    step(f"round {number + 1}: {_workers(count)}, {kind}")
                    rates = workers[kind][count]
                    extensions = int(rates[0] * effort.seconds) if rates else WARM_UP
                    rates.append(drain(rig, names(worker=count), extensions, extended=extended).rate)
        each: dict[int, list[float]] = {count: [] for count in OF_EACH}
        for number in range(-1, effort.rounds):
            for count in OF_EACH:
                step(f"round {number + 1}: {count} of each")
                run_only(rig, web=count, worker=count, sweeper=count)
                calls = int(each[count][0] * effort.seconds) if each[count] else WARM_UP
                each[count].append(whole_way.rate(rig, [rig.stack.urls[web] for web in names(web=count)], calls))
    return result({kind: _warm(rates) for kind, rates in workers.items()}, _warm(each))


def _warm(rates: dict[int, list[float]]) -> dict[int, list[float]]:
    return {count: measured[1:] for count, measured in rates.items()}


def names(**counts: int) -> list[str]:
    """The first so many processes of these kinds."""
    return [f"{kind}-{number}" for kind, count in counts.items() for number in range(1, count + 1)]


def run_only(rig: Rig, **counts: int) -> None:
    """Let no others run than so many of each kind."""
    wanted = names(**counts)
    for name in names(**PROCESSES):
        if name in wanted and not rig.stack.pid(name):
            rig.stack.start(name)
        elif name not in wanted and rig.stack.pid(name):
            rig.stack.stop(name)


def result(workers: dict[str, dict[int, list[float]]], each: dict[int, list[float]]) -> Result:
    """The rates, that more processes are not slower than one, and one session not slower than many."""
    measured: list[Measured] = []
    aims, curves = [], []
    for kind, rates in workers.items():
        of = {count: Measured(f"{_workers(count)}, {kind}", "extensions/s", rates[count]) for count in WORKERS}
        measured += of.values()
        aims += [Aim(f"{_workers(n)} on {kind}, in one", of[n] / of[1], "at least", 0.9) for n in WORKERS[1:]]
        curves.append(Curve(kind, WORKERS, [of[count].median for count in WORKERS]))
    different, one = (Measured(kind, "extensions/s", rates[1]) for kind, rates in workers.items())
    aims.append(Aim("1 worker on one session, in one on different sessions", one / different, "at least", 1.1))
    both = {n: Measured(f"{n} web, worker and sweeper, from the call on", "extensions/s", each[n]) for n in OF_EACH}
    aims.append(Aim("Two of each from the call on, in one", both[2] / both[1], "at least", 0.9))
    curves.append(Curve("from the call on, so many of each process", OF_EACH, [both[n].median for n in OF_EACH]))
    return Result([*measured, *both.values()], aims, curves, ("processes", "extensions/s"))


def _workers(count: int) -> str:
    return f"{count} worker{'s' if count > 1 else ''}"
