"""The same work with 1,000,000 extensions in the ledger and with 10."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any

from bson import ObjectId
from pymongo import IndexModel, WriteConcern

from dev.bench import whole_way
from dev.bench.drain import SERVERS
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.rig import Rig
from swag_goals.documents import ledger, ledger_queries
from swag_goals.documents.extension import Extension
from swag_goals.documents.unfinished import unfinished

TITLE = "A ledger of a million extensions"
SMALL, LARGE = 10, 1_000_000
PROCESSES = ("web", "worker", "sweeper")
APART = timedelta(seconds=1)  # the old ones were requested
IN_A_GOAL = 100  # old ones
CHUNK = 10_000
LOOKS = 50  # of each kind, in a round
ELSEWHERE = "extension_elsewhere"

Measures = dict[str, list[float]]


def run(effort: Effort, step: Step) -> Result:
    """Put the one ledger in the place of the other in each round."""
    sizes = (SMALL, effort.part(LARGE))
    found: dict[int, Measures] = {size: {} for size in sizes}
    with Rig(dict.fromkeys(PROCESSES, 1)) as rig:
        step("warm up")
        count = int(whole_way.rate(rig, [rig.stack.settings["API_URL"]], CHUNK // 20) * effort.seconds)
        old = rig.database.extension.find_one() or {}
        old.pop("release_at", None)  # the session's guard released it long ago
        fill(rig, "extension", old, SMALL, step)
        fill(rig, ELSEWHERE, old, sizes[-1], step)
        for number in range(effort.rounds):
            for size in sizes:
                step(f"round {number + 1}: {size:,} in the ledger")
                with in_place(rig, size != SMALL):
                    for name, value in measure(rig, count).items():
                        found[size].setdefault(name, []).append(value)
    return result(found)


def fill(rig: Rig, name: str, old: dict[str, Any], count: int, step: Step) -> None:
    """Put so many copies of an extension that is done into a collection, in goals of their own, with all indexes."""
    copies = _copies(old, count)
    collection = rig.database.get_collection(name, write_concern=WriteConcern(1))
    for start in range(0, count, CHUNK):
        step(f"{start:,} of {count:,} are in the ledger")
        collection.insert_many(islice(copies, CHUNK), ordered=False)
    step("build the indexes")
    for index in rig.database.extension.list_indexes():
        options = {key: value for key, value in index.items() if key not in ("v", "key")}
        if index["name"] != "_id_":
            collection.create_indexes([IndexModel(list(index["key"].items()), **options)])


def _copies(old: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        if number % IN_A_GOAL == 0:
            ids = {name: ObjectId() for name in ("streamer_id", "goal_id", "session_id")}
        requested_at = old["requested_at"] - APART * (number + 1)
        yield old | ids | {"_id": ObjectId(), "key": str(ObjectId()), "requested_at": requested_at, "nbf": requested_at}


@contextmanager
def in_place(rig: Rig, other: bool) -> Iterator[None]:
    """The program works with this ledger, or with the other one as long as the block lasts."""
    if other:
        _swap(rig)
    yield
    if other:
        _swap(rig)


def _swap(rig: Rig) -> None:
    """Nothing is under way, so nobody is surprised but a sweeper, who looks again."""
    database = rig.database
    database.extension.rename("extension_aside")
    database[ELSEWHERE].rename("extension")
    database["extension_aside"].rename(ELSEWHERE)


def measure(rig: Rig, count: int) -> dict[str, float]:
    """Milliseconds of each thing."""
    before = rig.cpu(*PROCESSES, *SERVERS)
    rate = whole_way.rate(rig, [rig.stack.settings["API_URL"]], count)
    cpu = rig.cpu(*PROCESSES, *SERVERS) - before
    oldest = Extension.objects.order_by("requested_at").first()
    return {
        "An extension, from the call on": 1000 / rate,
        "CPU time of an extension, of all processes": 1000 * cpu / count,
        "The sweeper's look for what is overdue": _timed(lambda: ledger.claim_due(500)),
        "A page of a goal's extensions": _timed(
            lambda: list(ledger_queries.page(str(oldest.streamer_id), str(oldest.goal_id), SMALL))
        ),
        "What is unfinished, as /metrics asks": _timed(unfinished),
    }


def _timed(look: Callable[[], object]) -> float:
    started = time.monotonic()
    for _ in range(LOOKS):
        look()
    return 1000 * (time.monotonic() - started) / LOOKS


def result(found: dict[int, Measures]) -> Result:
    """The times with either, and their ratios."""
    measured, aims = [], []
    (small, few), (large, many) = found.items()
    for name in few:
        of_few, of_many = (
            Measured(f"{name}, {size:,} in the ledger", "ms", values[name])
            for size, values in ((small, few), (large, many))
        )
        measured += [of_few, of_many]
        aims.append(Aim(f"{name}: with {large:,}, in those with {small}", of_many / of_few, "at most", 1.1))
    return Result(measured, aims)
