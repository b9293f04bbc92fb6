"""Extensions applied and notified by one worker process, beside others on the same guarded job."""

from dev.bench.contestants import CONTESTANTS, Contestant
from dev.bench.drain import Drained, drain
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.rig import Rig

TITLE = "Extensions applied and notified by one worker process"
WARM_UP = 256  # jobs; Node compiles what runs often only after a while
PEERS = ("huey", "dramatiq", "bullmq")


def run(effort: Effort, step: Step) -> Result:
    """Drain the same queue with each of them in turn, several times."""
    lines = {contestant.name: contestant.command for contestant in CONTESTANTS}
    found: dict[str, list[Drained]] = {contestant.name: [] for contestant in CONTESTANTS}
    with Rig(dict.fromkeys(lines, 1), lines=lines) as rig:
        counts = {}
        for contestant in CONTESTANTS:
            step(f"warm up {contestant.title}")
            drain(rig, [contestant.name], WARM_UP, contestant.enqueue)
            rate = drain(rig, [contestant.name], WARM_UP, contestant.enqueue).rate
            counts[contestant.name] = max(int(rate * effort.seconds), WARM_UP // 2)
        for number in range(effort.rounds):
            for contestant in rotated(number):
                step(f"round {number + 1}: {contestant.title}")
                found[contestant.name].append(
                    drain(rig, [contestant.name], counts[contestant.name], contestant.enqueue)
                )
    return result(found)


def rotated(number: int) -> list[Contestant]:
    """Another one first in each round."""
    first = number % len(CONTESTANTS)
    return [*CONTESTANTS[first:], *CONTESTANTS[:first]]


def result(found: dict[str, list[Drained]]) -> Result:
    """The rates, what they cost, and the ratios between them."""
    rates = {}
    measured = []
    for contestant in CONTESTANTS:
        drained = found[contestant.name]
        rates[contestant.name] = Measured(contestant.title, "extensions/s", [each.rate for each in drained])
        measured += [
            rates[contestant.name],
            Measured(f"{contestant.title}: its CPU time", "ms/extension", [each.cpu for each in drained]),
            Measured(f"{contestant.title}: the servers'", "ms/extension", [each.servers_cpu for each in drained]),
        ]
    best = max((rates[peer] for peer in PEERS), key=lambda peer: peer.median)
    aims = [
        Aim("ExtensionWorker, in SimpleWorkers", rates["worker"] / rates["plain"], "at least", 4.0),
        Aim(f"... without batches, in the best peer ({best.what})", rates["unbatched"] / best, "at least", 1.25),
        Aim(f"... with batches, in the best peer ({best.what})", rates["worker"] / best, "at least", 2.6),
    ]
    return Result(measured, aims)
