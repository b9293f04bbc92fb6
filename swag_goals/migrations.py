"""Migrations: the dated steps of `migrations/`, each run once on a database, by one process at a time.

A step is a file with `up(database, report)`. It runs beside the code of the deploy before it, and
after a kill once more from its start: it adds only, and passes over what is there already.
"""

import os
import runpy
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from swag_goals.times import now_and

Report = Callable[[str], None]

FOLDER = Path(__file__).parent.parent / "migrations"
COLLECTION = "migration"  # {_id: <step>, done_at}, and the lease
LEASE = timedelta(seconds=20)  # a holder that was killed keeps the others waiting so long
RENEWED_EVERY = 5.0  # seconds
MAX_RUN = 24 * 3600.0  # seconds
TURN = 0.5  # seconds between two looks whether the other one is done


class LeaseLost(Exception):
    """This process was frozen for so long that another one may have taken over."""


class StepFailed(Exception):
    """A step could not be loaded, or did not come to its end; the message says which, where and why."""

    def __init__(self, step: Path, error: Exception) -> None:
        at = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(step)]
        line = error.lineno if isinstance(error, SyntaxError) else at[-1] if at else "?"
        # MongoDB's own words, without all that PyMongo says beside them.
        said = error.details["errmsg"] if isinstance(error, OperationFailure) and error.details else error
        super().__init__(f"{step.stem}, line {line}: {type(error).__name__}: {said}")


def pending(database: Database[dict[str, Any]], folder: Path = FOLDER) -> list[Path]:
    """The steps that this database has not seen, in their order."""
    done = {row["_id"] for row in database[COLLECTION].find({}, {"_id": 1})}
    return [step for step in _steps(folder) if step.stem not in done]


def missing_indexes(database: Database[dict[str, Any]], folder: Path = FOLDER) -> list[str]:
    """The indexes of the steps that are not there, under whatever name."""
    missing = []
    for step in _steps(folder):
        for collection, indexes in load(step).get("INDEXES", {}).items():
            there = [list(index["key"].items()) for index in database[collection].list_indexes()]
            missing += [each.document["name"] for each in indexes if list(each.document["key"].items()) not in there]
    return missing


def run(database: Database[dict[str, Any]], report: Report = lambda said: None, folder: Path = FOLDER) -> None:
    """Run the pending steps; where another process does, wait for it first. `report` is called with how it goes.

    :raises LeaseLost: another process may have taken over; nothing is lost by that.
    :raises StepFailed: what it had done stays, and it runs again next time.
    """
    lease = _Lease(database)
    # An index may take hours to build: the client's own timeout is one for requests.
    with pymongo.timeout(MAX_RUN), lease.held(report):
        for step in pending(database, folder):
            report(step.stem)
            with _faults_of(step):
                load(step)["up"](database, lambda said, step=step: _go_on(lease, report, f"{step.stem}: {said}"))
            done = {"$setOnInsert": {"done_at": datetime.now(UTC)}}
            database[COLLECTION].update_one({"_id": step.stem}, done, upsert=True)


def _steps(folder: Path) -> list[Path]:
    # A folder that is not there is an error, and not one without a step.
    return sorted(path for path in folder.iterdir() if path.match("[0-9]*.py"))


def load(step: Path) -> dict[str, Any]:
    """The names that a step's file defines.

    :raises StepFailed: it is no Python, or fails as it is read.
    """
    with _faults_of(step):
        return runpy.run_path(str(step))


@contextmanager
def _faults_of(step: Path) -> Iterator[None]:
    """What goes wrong inside is the step's; that MongoDB is unavailable is not."""
    try:
        yield
    except (StepFailed, LeaseLost, AutoReconnect):
        raise
    except Exception as error:
        raise StepFailed(step, error) from error


def _go_on(lease: "_Lease", report: Report, said: str) -> None:
    report(said)
    if lease.hold() is not None:
        raise LeaseLost


class _Lease:
    """One process at a time, by MongoDB's clock, until it has not renewed it for a while."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._collection = database[COLLECTION]
        self._holder = f"process {os.getpid()} on {socket.gethostname()} ({uuid.uuid4().hex[:8]})"
        self._stop = threading.Event()

    def hold(self) -> str | None:
        """Take or renew the lease; None when it is this process', else who has it."""
        free = {"$or": [{"$lte": ["$until", "$$NOW"]}, {"$eq": ["$holder", self._holder]}]}
        fields = {"holder": self._holder, "until": now_and(LEASE)}
        lease = self._collection.find_one_and_update(
            {"_id": "lease"},
            [{"$set": {name: {"$cond": [free, value, f"${name}"]} for name, value in fields.items()}}],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return None if lease is None or lease["holder"] == self._holder else str(lease["holder"])

    @contextmanager
    def held(self, report: Report) -> Iterator[None]:
        """Wait for the lease and keep it."""
        waited_for = None
        while (holder := self.hold()) is not None:
            if holder != waited_for:
                report(f"Waiting for {holder}, which migrates already")
            waited_for = holder
            time.sleep(TURN)
        renewal = threading.Thread(target=self._renew, name="lease", daemon=True)
        renewal.start()
        try:
            yield
        finally:
            self._stop.set()
            renewal.join()  # or it could take the lease again after it was given back
            self._collection.delete_one({"_id": "lease", "holder": self._holder})

    def _renew(self) -> None:
        while not self._stop.wait(RENEWED_EVERY):
            try:
                self.hold()
            except PyMongoError:
                continue  # until it runs out there are more tries
