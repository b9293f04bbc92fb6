"""One viewer's extension in a session document of 1,000 viewers, beside one in a session of its own."""

from dev.bench import streams
from dev.bench.drain import Drained, drain
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.rig import MANY, Rig

TITLE = "A session document of many viewers"
VIEWERS = (1, 100, 1_000)
COUNT = 400  # extensions, to warm up and to learn how many go in the time


def run(effort: Effort, step: Step) -> Result:
    """Let one worker extend one viewer of each session, in turn with sessions of each size."""
    sizes = {viewers: streams.streams(MANY, others=viewers - 1) for viewers in VIEWERS}
    found: dict[int, list[Drained]] = {viewers: [] for viewers in VIEWERS}
    with Rig({"worker": 1}, extended=[stream for each in sizes.values() for stream in each]) as rig:
        counts = {}
        for viewers, extended in sizes.items():
            step(f"warm up {viewers:,} viewers")
            counts[viewers] = int(drain(rig, ["worker"], COUNT, extended=extended).rate * effort.seconds)
        for number in range(effort.rounds):
            for viewers, extended in sizes.items():
                step(f"round {number + 1}: {viewers:,} viewers")
                found[viewers].append(drain(rig, ["worker"], counts[viewers], extended=extended))
    return result(found)


def result(found: dict[int, list[Drained]]) -> Result:
    """Time and CPU time of an extension by the size of its session."""
    time = {n: Measured(_of(n, "Time"), "ms", [1000 / each.rate for each in found[n]]) for n in VIEWERS}
    cpu = {n: Measured(_of(n, "CPU time"), "ms", [each.cpu + each.servers_cpu for each in found[n]]) for n in VIEWERS}
    few, many = VIEWERS[0], VIEWERS[-1]
    aims = [
        Aim(f"Time of an extension among {many:,} viewers, in those of one", time[many] / time[few], "at most", 3.0),
        Aim("... CPU time, of the worker and the servers", cpu[many] / cpu[few], "at most", 3.0),
    ]
    return Result([*time.values(), *cpu.values()], aims)


def _of(viewers: int, what: str) -> str:
    return f"{what} of an extension, {viewers:,} viewer{'s' if viewers > 1 else ''} in its session"
