"""The audit and the export of a million extensions over a hundred thousand sessions, beside bare cursors."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import psutil
from bson import ObjectId
from mongoengine.connection import get_db
from pymongo import WriteConcern

from dev.bench import streams
from dev.bench.checks import Wrong
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.rig import Rig
from dev.stack import procfile
from dev.stack.keeper import ROOT
from swag_goals import migrations
from swag_goals.documents import settlement
from swag_goals.documents.session import Session
from swag_goals.documents.settlement import Outcome

TITLE = "Audit and export of a million extensions"
SESSIONS, IN_A_SESSION = 100_000, 10
ROUNDS = 3
CHUNK = 1_000  # sessions
APART = timedelta(seconds=60)
MB = 1_000_000
LOOK = 0.05  # seconds between two looks at a process' memory
Document = dict[str, Any]
BARE = """
import os, sys
from pymongo import MongoClient
database = MongoClient(os.environ["MONGODB_URI"], readConcernLevel="majority").get_default_database()
for name in sys.argv[1:]:
    for document in database[name].find(): pass
"""
AUDIT, EXPORT = "flask audit", "flask extension export"
CURSOR, CURSORS = "A bare cursor over the ledger", "Bare cursors over ledger and sessions"
COMMANDS = {
    CURSORS: [sys.executable, "-c", BARE, "extension", "session"],
    AUDIT: ["flask", "audit", "--json"],
    CURSOR: [sys.executable, "-c", BARE, "extension"],
    EXPORT: ["flask", "extension", "export", "--output", os.devnull],
}


def run(effort: Effort, step: Step) -> Result:
    """Each in turn, round after round, as a process of its own."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    memory: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with Rig({}, extended=streams.streams(1)) as rig:
        migrations.run(get_db())
        fill(rig, effort.part(SESSIONS), step)
        for number in range(min(effort.rounds, ROUNDS)):
            for name, command in COMMANDS.items():
                step(f"round {number + 1}: {name}")
                for found, value in zip((seconds, memory), measure(rig, command), strict=True):
                    found[name].append(value)
    return result(seconds, memory)


def fill(rig: Rig, count: int, step: Step) -> None:
    """Copies of a session and an extension of it as the program writes them, ten extensions to each session."""
    (extension,) = rig.record(1)
    settlement.settle([Outcome(extension, change=Session.grant(extension), notified=True)])
    record, session = rig.database.extension.find_one() or {}, rig.database.session.find_one() or {}
    del record["release_at"]  # the session's guard released it long ago
    session["swag_goals"] |= {"applied": [], "changes": []}
    for name in ("session", "extension"):
        rig.database[name].delete_many({})
    copies = _copies(session, record, count)
    sessions, ledger = (
        rig.database.get_collection(name, write_concern=WriteConcern(1)) for name in ("session", "extension")
    )
    for start in range(0, count, CHUNK):
        step(f"{start:,} of {count:,} sessions are written")
        some = list(islice(copies, CHUNK))
        sessions.insert_many([session for session, _ in some], ordered=False)
        ledger.insert_many([record for _, records in some for record in records], ordered=False)


def _copies(session: Document, record: Document, count: int) -> Iterator[tuple[Document, list[Document]]]:
    first = record["requested_at"] - timedelta(days=30)
    for number in range(count):
        ids = {name: ObjectId() for name in ("streamer_id", "goal_id", "session_id")}
        records = list(_records(record | ids, str(ObjectId()), first + number * timedelta(seconds=20)))
        kept = session["swag_goals"] | {"revision": records[-1]["revision"]}
        yield (
            session | {"_id": ids["session_id"], "viewers": records[-1]["permissions"], "swag_goals": kept},
            records,
        )


def _records(record: Document, viewer: str, at: datetime) -> Iterator[Document]:
    permission: Document = {"nbf": at - APART, "duration": 60, "exp": at}
    for number in range(IN_A_SESSION):
        requested_at = at + number * APART
        after = permission | {"duration": permission["duration"] + 60, "exp": permission["exp"] + APART}
        its = dict.fromkeys(("requested_at", "nbf", "applied_nbf", "applied_at", "notified_at"), requested_at)
        change = {"before": {viewer: permission}, "permissions": {viewer: after}}
        revision = round(requested_at.timestamp() * 1000)
        yield record | its | change | {"_id": ObjectId(), "viewers": [viewer], "revision": revision}
        permission = after


def measure(rig: Rig, command: list[str]) -> tuple[float, float]:
    """Seconds, and MB at the most.

    :raises dev.bench.checks.Wrong: it did not end well.
    """
    environment, silent = procfile.environment(rig.stack.settings), subprocess.DEVNULL
    started, most = time.monotonic(), 0
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=silent, stderr=silent) as process:
        # Looked at while it runs: what the kernel says of its child afterwards is at least this process' own.
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                most = max(most, psutil.Process(process.pid).memory_info().rss)
            time.sleep(LOOK)
    if process.returncode:
        raise Wrong(f"{' '.join(command)} ended with {process.returncode}")
    return time.monotonic() - started, most / MB


def result(seconds: dict[str, list[float]], memory: dict[str, list[float]]) -> Result:
    """The times with their ratios, and the audit's memory."""
    took = {name: Measured(name, "s", values) for name, values in seconds.items()}
    return Result(
        [*took.values(), *(Measured(f"{name}: memory", "MB", memory[name]) for name in (AUDIT, EXPORT))],
        [
            Aim(f"{AUDIT}, in the time of bare cursors", took[AUDIT] / took[CURSORS], "at most", 3.0),
            Aim(f"{EXPORT}, in the time of a bare cursor", took[EXPORT] / took[CURSOR], "at most", 2.0),
            Aim(f"{AUDIT}: memory in MB", memory[AUDIT], "at most", 200.0),
        ],
    )
