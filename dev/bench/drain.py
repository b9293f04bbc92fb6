"""How fast a full queue is worked off."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bson import ObjectId

from dev.bench.checks import Wrong
from dev.bench.peers import product
from dev.bench.processes import frozen
from dev.bench.rig import Rig
from dev.bench.streams import Stream
from swag_goals.documents.extension import APPLIED, PENDING, REJECTED, Extension

SERVERS = ("mongod-1", "redis", "pusher")
LOOK = 0.1  # seconds between two looks whether all are done; when they were, the ledger says
MAX_WAIT = 120.0  # seconds


@dataclass(frozen=True)
class Drained:
    """So many extensions a second; milliseconds of CPU time for each, of the workers and of the servers."""

    rate: float
    cpu: float
    servers_cpu: float


def drain(
    rig: Rig,
    workers: Sequence[str],
    count: int,
    enqueue: Callable[[Sequence[Extension]], None] = product.enqueue,
    extended: Sequence[Stream] | None = None,
) -> Drained:
    """Fill the queue while the workers stand still, and let them go.

    :raises Wrong: it was not done, or not right.
    """
    rig.reset()
    extensions = rig.record(count, extended)
    ids = [extension.id for extension in extensions]
    with frozen(*(rig.pid(worker) for worker in workers)):
        enqueue(extensions)
        before = rig.cpu(*workers), rig.cpu(*SERVERS)
        started = datetime.now(UTC)
    wait_done(rig)
    after = rig.cpu(*workers), rig.cpu(*SERVERS)
    rig.check(ids)
    cpu, servers_cpu = (1000 * (late - early) / count for early, late in zip(before, after, strict=True))
    return Drained(count / (last_notified(rig, ids) - started).total_seconds(), cpu, servers_cpu)


def wait_done(rig: Rig) -> None:
    """Wait until the ledger says that nothing is left to do.

    :raises Wrong: it never did.
    """
    deadline = time.monotonic() + MAX_WAIT
    while undone := left(rig):
        if time.monotonic() > deadline:
            raise Wrong(f"{undone:,} extensions are not done after {MAX_WAIT:g} s")
        time.sleep(LOOK)


def left(rig: Rig) -> int:
    """How many extensions of the ledger are not done, by an index, so that looking costs little."""
    return rig.database.extension.count_documents({"status": {"$in": [PENDING, APPLIED, REJECTED]}})


def last_notified(rig: Rig, ids: Sequence[ObjectId]) -> datetime:
    """When the last of them was done, by the ledger; MongoDB's clock is this machine's."""
    match = {"$match": {"_id": {"$in": ids}}}
    return next(rig.database.extension.aggregate([match, {"$group": {"_id": None, "at": {"$max": "$notified_at"}}}]))[
        "at"
    ]
