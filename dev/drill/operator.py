"""An operator who voids extensions, and repeats the command until it says that the void is recorded."""

import random
import subprocess
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from dev.drill.browsers import Press
from dev.drill.reading import until_answered
from dev.drill.system import System
from dev.stack import procfile
from dev.stack.keeper import ROOT
from swag_goals.documents.void import id_of_void

PAUSE = (0.3, 1.0)  # seconds between two tries
LOOK = 0.3  # seconds
AFTERWARDS = 15.0  # seconds: longer than anything is cut off or frozen
# Left to each viewer, so that the events of other extensions still find a permission that lasts.
ENOUGH = timedelta(seconds=150)


def void_of(press: Press) -> str:
    """The id of the void of its extension."""
    return str(id_of_void(ObjectId(press.extension)))


def void(system: System, press: Press, timeout: float) -> None:
    """Void its extension; at most so many seconds."""
    words = ["flask", "extension", "void", press.extension, "--reason", "a drill", "--by", "drill"]
    environment, until = procfile.environment(system.program.settings), time.time() + timeout
    while time.time() < until:
        if not subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, check=False).returncode:
            break
        time.sleep(random.uniform(*PAUSE))


def void_all(system: System, presses: Iterable[Press], over: threading.Event, timeout: float) -> int:
    """Void one extension after another as soon as its time is given, until some time after the load; how many."""
    waiting, voided, until = list(presses), 0, float("inf")
    while waiting and time.time() < until:
        if over.is_set():
            until = min(until, time.time() + AFTERWARDS)
        if press := until_answered(lambda: next((each for each in waiting if _may_be_voided(system, each)), None)):
            waiting.remove(press)
            void(system, press, timeout)
            voided += 1
        else:
            time.sleep(LOOK)
    return voided


def _may_be_voided(system: System, press: Press) -> bool:
    given = {"_id": ObjectId(press.extension), "status": {"$in": ["applied", "done"]}}
    if not press.accepted_at or not system.database.extension.count_documents(given):
        return False
    session = system.database.session.find_one({"_id": ObjectId(press.goal.session)}) or {}
    return all(each["exp"] - datetime.now(UTC) > ENOUGH for each in session["viewers"].values())
