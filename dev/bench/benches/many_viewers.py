"""A hundred viewers extended at once, beside one: from the call to the last viewer's event, and what it takes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bson import ObjectId
from redis import Redis

from dev.bench import streams
from dev.bench.checks import Wrong
from dev.bench.drain import wait_done
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.load import Callers
from dev.bench.rig import Rig
from dev.bench.streams import Stream
from dev.stack.waiting import wait_until
from swag_goals import counts
from swag_goals.documents.goal import MAX_VIEWERS
from swag_goals.events.pusher_channels import MAX_EVENTS

TITLE = "Many viewers extended at once"
VIEWERS = (1, MAX_EVENTS, MAX_VIEWERS)
CALLS = 20  # of each, in a round
NOTIFIED_WITHIN = 10.0  # seconds


@dataclass(frozen=True)
class Extended:
    """Milliseconds from the call until all are notified; session updates and Pusher calls for an extension."""

    notified: float
    updates: float
    pusher_calls: float


def run(effort: Effort, step: Step) -> Result:
    """Extend so many at once, in turn."""
    goals = {viewers: streams.streams(CALLS, viewers) for viewers in VIEWERS}
    found: dict[int, list[Extended]] = {viewers: [] for viewers in VIEWERS}
    with Rig({"web": 1, "worker": 1}, extended=[stream for each in goals.values() for stream in each]) as rig:
        for viewers, extended in goals.items():
            step(f"warm up {viewers} at once")
            extend(rig, extended)
        for number in range(effort.rounds):
            for viewers, extended in goals.items():
                step(f"round {number + 1}: {viewers} at once")
                found[viewers].append(extend(rig, extended))
    return result(found)


def extend(rig: Rig, extended: Sequence[Stream]) -> Extended:
    """Extend each stream once, one after the other, each when all viewers of the one before are notified."""
    rig.reset()
    times: list[float] = []
    ids: list[ObjectId] = []
    before = updates(rig), pusher_calls(rig)
    for call in Callers(rig.stack.settings, extended).call_singly(rig.stack.settings["API_URL"], len(extended)):
        ids += [call.extension] if call.extension else []
        last = wait_notified(rig, sum(len(stream.viewers) for stream in extended[: len(ids)]))
        times.append(1000 * (last - call.at))
    wait_done(rig)
    rig.check(ids)
    wait_counted(rig, before[1] + sum(math.ceil(len(stream.viewers) / MAX_EVENTS) for stream in extended))
    # One of them records the extension.
    updated = (updates(rig) - before[0]) / len(ids) - 1
    return Extended(median(times), updated, (pusher_calls(rig) - before[1]) / len(ids))


def wait_notified(rig: Rig, count: int) -> float:
    """Wait until so many events were received; when the last of them was, in seconds of the epoch."""
    try:
        rig.listener.wait_until(lambda _: len(rig.received()) >= count, NOTIFIED_WITHIN)
    except TimeoutError as error:
        raise Wrong(str(error)) from None
    return rig.received()[count - 1].at / 1000


def wait_counted(rig: Rig, count: int) -> None:
    """Wait until Redis knows of so many calls: a worker sends its counts last of all."""
    wait_until(lambda: pusher_calls(rig) >= count, NOTIFIED_WITHIN)


def updates(rig: Rig) -> int:
    """How many documents MongoDB has found and updated so far, by its own count."""
    status = rig.database.client.admin.command("serverStatus")
    return int(status["metrics"]["commands"]["findAndModify"]["total"])


def pusher_calls(rig: Rig) -> int:
    """How many calls Pusher has taken so far, as the worker counts them."""
    with Redis.from_url(rig.stack.settings["REDIS_URL"]) as connection:
        return counts.read(connection)["pusher_calls", "accepted"]


def result(found: dict[int, list[Extended]]) -> Result:
    """The times, and the counts of what there is a promise about."""
    notified = {
        n: Measured(f"From the call until all of {n} are notified", "ms", [e.notified for e in found[n]])
        for n in VIEWERS
    }
    most = found[MAX_VIEWERS]
    aims = [
        Aim(f"Updates to extend {MAX_VIEWERS} viewers", [each.updates for each in most], "at most", 1),
        Aim(f"Calls to notify {MAX_VIEWERS} viewers", [each.pusher_calls for each in most], "at most", 10),
    ]
    return Result([*notified.values()], aims)
