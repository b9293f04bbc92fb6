"""The whole history of a drill, line by line: calls and answers, changes in MongoDB, events, outages, clocks.

The changes come from MongoDB's change stream: what a majority has, in the one order in which it came to be.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from dev.drill.browsers import Press
from dev.drill.outages import Outage
from dev.stack.folder import LOCAL
from dev.stack.listener import Event
from dev.stack.waiting import wait_until

Line = dict[str, Any]
COLLECTIONS = ("session", "extension")
MARK = "drill_mark"
FOLDER = LOCAL / "drill"
KEPT = 40  # files
WITHIN = 60.0  # seconds until the stream has what was written


class History:
    """Context manager: every change from entry on is kept, in `changes`."""

    def __init__(self, uri: str) -> None:
        self._client = MongoClient[dict[str, Any]](uri, readConcernLevel="majority", w="majority")
        self._database = self._client.get_default_database()
        self._stop = threading.Event()
        self._marks: set[Any] = set()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self.changes: list[Line] = []
        #: When each extension or void was done, by its id, by the clock of this process; MongoDB's may be wrong.
        self.done: dict[str, float] = {}
        #: What each extension or void made of its session's revision, by its id; a record may never hear of it.
        self.revisions: dict[str, int] = {}

    def __enter__(self) -> "History":
        self._stream = self._database.watch(_OF_OURS, max_await_time_ms=200)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._client.close()

    def lines(
        self, presses: Iterable[Press], events: Iterable[Event], channels: Iterable[str], outages: Iterable[Outage]
    ) -> list[Line]:
        """All of it until now; `channels` are those that were listened to.

        :raises RuntimeError: the stream does not tell what was written just now.
        """
        last, changes = self._until_now()
        lines: list[Line] = [
            *changes,
            *(line for press in presses for line in _calls(press)),
            {"kind": "listener", "channels": sorted(set(channels))},
            *({"kind": "event", "channel": e.channel, "data": e.data, "at": e.at} for e in events),
            *({"kind": "outage", "part": o.part, "began": o.began, "back": o.back} for o in outages),
            *self._clocks(),
            *last,
        ]
        return [*lines, {"kind": "end", "lines": Counter(line["kind"] for line in lines)}]

    def _until_now(self) -> tuple[list[Line], list[Line]]:
        """The last values, and the changes that led to them: guards are released until long after the load."""
        until = time.monotonic() + WITHIN
        while True:
            self._catch_up()
            known = len(self.changes)
            last = list(_last(self._database))
            self._catch_up()
            if len(self.changes) == known or time.monotonic() > until:
                return last, self.changes[:known]

    def _catch_up(self) -> None:
        """Return when all that was written before is among the changes."""
        mark = ObjectId()
        self._database[MARK].insert_one({"_id": mark})
        if not wait_until(lambda: mark in self._marks, WITHIN):
            raise RuntimeError("the change stream has ended, so the history is not whole")

    def _clocks(self) -> Iterator[Line]:
        for host, port in sorted(self._client.nodes):
            with MongoClient[dict[str, Any]](host, port, directConnection=True, tz_aware=False) as member:
                before = time.time()
                told = member.admin.command("hello")["localTime"]
                yield {"kind": "clock", "member": f"{host}:{port}", "ahead": _plain(told) / 1000 - before}

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                change = self._stream.try_next()
            except PyMongoError:  # it goes on by itself where it was, when there is a primary again
                time.sleep(0.1)
                continue
            if change is not None:
                self._keep(change)

    def _keep(self, change: Mapping[str, Any]) -> None:
        collection, document_id = change["ns"]["coll"], change["documentKey"]["_id"]
        if collection == MARK:
            self._marks.add(document_id)
            return
        said = change.get("updateDescription") or {}
        line = {
            "kind": "change",
            "collection": collection,
            "id": document_id,
            "operation": change["operationType"],
            "at": change["wallTime"],
            "document": change.get("fullDocument"),
            "set": said.get("updatedFields"),
            "unset": said.get("removedFields"),
            "cut": said.get("truncatedArrays"),
        }
        self.changes.append({name: _plain(value) for name, value in line.items() if value is not None})
        if collection == "extension" and (line["set"] or line["document"] or {}).get("status") == "done":
            self.done.setdefault(str(document_id), time.time())
        if collection == "session":
            self.revisions |= {str(each["extension"]): each["revision"] for each in _applied(line["set"] or {})}


def _applied(changed: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What the session says of the extensions that changed it, of these fields."""
    for path, value in changed.items():
        if path == "swag_goals":
            yield from value.get("changes", [])
        elif path.startswith("swag_goals.changes"):
            found = value if isinstance(value, list) else [value]
            yield from (each for each in found if isinstance(each, Mapping) and "extension" in each)


def write(lines: Sequence[Line], name: str) -> Path:
    """Keep it in a file, one line of JSON for each; the newest of this name alone, and the newest files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.ndjson"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    for old in sorted(FOLDER.glob("*.ndjson"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


_OF_OURS = [
    {
        "$match": {
            "ns.coll": {"$in": [*COLLECTIONS, MARK]},
            "operationType": {"$in": ["insert", "update", "replace", "delete"]},
        }
    }
]


def _calls(press: Press) -> Iterator[Line]:
    its = {"kind": "call", "key": press.key, "goal": press.goal.goal, "extension": press.extension}
    for each in press.tries:
        yield {**its, "at": each.at, "over": each.over, "status": each.status, "id": each.extension}


def _last(database: Database[dict[str, Any]]) -> Iterator[Line]:
    for collection in COLLECTIONS:
        for document in database[collection].find():
            yield {"kind": "last", "collection": collection, "document": _plain(document)}


def _plain(value: Any) -> Any:
    """As JSON has it: ids as hex, times in milliseconds of the epoch."""
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, datetime):
        return round((value.replace(tzinfo=None) - _EPOCH).total_seconds() * 1000)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - MongoDB's times are in UTC
