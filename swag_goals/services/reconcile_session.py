"""Reconcile one session with the ledger: add up what the records say, and compare it with what the session holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import merge
from operator import itemgetter
from typing import Any

from bson import ObjectId

from swag_goals.documents.extension import (
    APPLIED,
    DONE,
    DURATION,
    PENDING,
    REJECTED,
    Extension,
    UnreadableExtension,
)
from swag_goals.documents.permission import NOTHING, Permission, changed_by, difference, is_extended
from swag_goals.services.audit_finding import BROKEN, Finding
from swag_goals.services.undated_changes import UndatedChanges

Row = Mapping[str, Any]

PENDING_TOO_LONG = timedelta(hours=1)
# Who asks for their money asks within this time; what is removed sooner cannot be shown to them.
KEPT = timedelta(days=30)
_OF_A_CHANGE = {
    "extension": ObjectId,
    "revision": int,
    "at": datetime,
    "nbf": datetime,
    "after": dict,
    "before": dict | None,
}


class Reconciliation:
    """A session, read before its `records`; these come by revision, first those without one. `now` is MongoDB's."""

    def __init__(self, session_id: ObjectId, session: Row | None, records: Iterable[Row], now: datetime) -> None:
        self.session_id = session_id
        self.findings: list[Finding] = []
        self.extensions = 0
        self.revision = 0  # of the latest change that the ledger has
        self._now = now
        self._viewers = _mapping((session or {}).get("viewers"))
        kept = _mapping((session or {}).get("swag_goals"))
        self._session_revision = kept["revision"] if isinstance(kept.get("revision"), int) else 0
        self._changes = [each for each in _list(kept.get("changes")) if _is_change(each)]
        self._guard = Counter(each for each in _list(kept.get("applied")) if isinstance(each, ObjectId))
        self._unrecorded = {*self._guard, *(each["extension"] for each in self._changes)}
        self._latest: dict[str, tuple[Permission | None, Permission | None, Row]] = {}  # after and before it
        self._first: dict[str, tuple[float, datetime]] = {}  # each viewer's seconds before the first change
        self._undated = UndatedChanges()
        self._taken: dict[ObjectId, dict[str, float]] = {}  # by voids, from each extension
        self._said: dict[ObjectId, dict[str, float]] = {}  # the same, as the extensions have it
        for row in merge(self._dated(records), self._unsettled(), key=itemgetter("revision")):
            self._add(row)
        if session is None:
            self._close_removed()
        else:
            self._close()

    @property
    def broken(self) -> bool:
        """Whether something is, as far as this look goes."""
        return any(finding.kind in BROKEN for finding in self.findings)

    def _found(self, kind: str, extension_id: ObjectId | None = None, viewer: str | None = None, *by: float) -> None:
        self.findings.append(Finding(kind, self.session_id, extension_id, viewer, *by))

    def _dated(self, records: Iterable[Row]) -> Iterator[Row]:
        """The records that say when they were applied; the others are put aside."""
        for record in records:
            self._unrecorded.discard(record["_id"])
            try:
                row = Extension.checked(record)
            except UnreadableExtension:
                self._found("unreadable", record["_id"])
                continue
            self.extensions += 1
            self._look_at(row)
            if row.get("revision") is not None and row.get("permissions"):
                yield row
            elif row["status"] in (APPLIED, DONE) or row["_id"] in self._guard:
                self._undated.records[row["_id"]] = row

    def _look_at(self, row: Row) -> None:
        """What can be said of a record without its change."""
        if row["status"] == PENDING and row["requested_at"] < self._now - PENDING_TOO_LONG:
            self._found("pending", row["_id"])
        if self._guard[row["_id"]] > 1:
            self._found("given_twice", row["_id"])
        is_final = row["status"] == REJECTED and row.get("due") is None
        if is_final and (row["_id"] in self._guard or row.get("permissions")):
            self._found("unrecorded", row["_id"])
        if isinstance(row.get("taken_back"), dict):
            self._said[row["_id"]] = row["taken_back"]

    def _unsettled(self) -> Iterator[Row]:
        """What is applied, and the session alone says so yet."""
        for change in sorted(self._changes, key=itemgetter("revision")):
            if row := self._undated.records.pop(change["extension"], None):
                known = {"applied_at": change["at"], "applied_nbf": change["nbf"], "permissions": change["after"]}
                yield {**row, **known, "before": change.get("before"), "revision": change["revision"]}

    def _add(self, row: Row) -> None:
        self.revision = row["revision"]
        if any(each["extension"] == row["_id"] and each["revision"] != row["revision"] for each in self._changes):
            self._found("given_twice", row["_id"])
        for viewer in row["viewers"]:
            after, before = Permission.of(row["permissions"].get(viewer)), None
            if row.get("before") is not None:
                before = Permission.of(row["before"].get(viewer))
                if viewer in self._latest:
                    self._compare(viewer, before, row["applied_at"])
                if after != (sum_ := changed_by(row, before)):
                    self._wrong_sum(row, viewer, *difference(sum_, after))
            has = before.duration if before else (after or NOTHING).duration - row["duration"]
            self._first.setdefault(viewer, (has, row["applied_at"]))
            self._latest[viewer] = (after, before, row)
            if row.get("void_of"):
                self._add_void(row, viewer, difference(after, before)[0])

    def _wrong_sum(self, row: Row, viewer: str, seconds: float, exp_seconds: float) -> None:
        took_more = row.get("void_of") and (seconds < 0 or exp_seconds < 0)
        self._found("void_too_much" if took_more else "wrong_sum", row["_id"], viewer, seconds, exp_seconds)

    def _add_void(self, row: Row, viewer: str, seconds: float) -> None:
        taken = self._taken.setdefault(row["void_of"], {})
        if viewer in taken:
            self._found("void_too_much", row["_id"], viewer, -seconds)
        taken[viewer] = seconds

    def _compare(self, viewer: str, seen: Permission | None, at: datetime) -> None:
        """What the viewer has at `at` with what the latest change left."""
        was, before, row = self._latest[viewer]
        if seen == was:
            return
        seconds, exp_seconds = difference(was, seen)
        if explained := self._undated.explain(viewer, seconds):
            seconds -= explained
            exp_seconds = 0 if exp_seconds * explained > 0 else exp_seconds
            if not seconds and not exp_seconds:
                return
        kind = "changed"
        if was and was.exp and (seen is None or seen.exp is None):
            kind = "lost" if was.exp + KEPT > at else "removed"
        elif seen == before and not row.get("void_of"):
            kind = "not_in_session"
        elif exp_seconds < 0 or (seconds < 0 and was and seen and was.nbf == seen.nbf):
            kind = "lost"
        elif was and seen and any(is_extended(was, seen, each, at) for each in (row["duration"], DURATION)):
            kind = "given_twice"
        self._found(kind, row["_id"], viewer, seconds, exp_seconds)

    def _close(self) -> None:
        if self._session_revision < self.revision:
            self._found("session_replaced")
        for viewer in self._latest:
            self._compare(viewer, Permission.of(self._viewers.get(viewer)), self._now)
        self._close_undated()
        for extension_id in self._unrecorded:
            self._found("unrecorded", extension_id)
        said = {finding.kind for finding in self.findings} & {"given_twice", "unrecorded", "unreadable"}
        if self._session_revision > self.revision and not self._undated.records and not said:
            self._found("unrecorded")
        undated = self._undated.voided
        for extension_id, taken in self._said.items():
            if extension_id not in undated and taken != self._taken.get(extension_id):
                self._found("void_too_much", extension_id)

    def _close_undated(self) -> None:
        for viewer in {viewer for row in self._undated.records.values() for viewer in row["viewers"]}:
            stands = Permission.of(self._viewers.get(viewer)) if self._session_revision else None
            before = self._first.get(viewer, ((stands or NOTHING).duration, self._now))
            for extension_id in self._undated.missing(viewer, *before):
                self._found("not_in_session", extension_id, viewer)

    def _close_removed(self) -> None:
        ends = [after.exp for after, _, _ in self._latest.values() if after and after.exp]
        ends += [row["requested_at"] for row in self._undated.records.values()]
        if ends:
            self._found("session_removed" if max(ends) + KEPT > self._now else "removed")


def _is_change(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), kind) for name, kind in _OF_A_CHANGE.items())


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
