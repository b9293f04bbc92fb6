"""Reconcile one session with the ledger: add up what the records say, and compare it with what the session holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import inf
from typing import Any

from bson import ObjectId

from swag_goals.documents.extension import APPLIED, DONE, PENDING, REJECTED, Extension
from swag_goals.documents.permission import NOTHING, Permission, changed_by, difference
from swag_goals.documents.record_shape import Row, UnreadableExtension
from swag_goals.services.discrepancy import BROKEN, KEPT, Discrepancy, kind_of

PENDING_TOO_LONG = timedelta(hours=1)


class Reconciliation:
    """A session, read before its `records`; these come by revision, first those without one. `now` is MongoDB's."""

    def __init__(self, session_id: ObjectId, session: Row | None, records: Iterable[Row], now: datetime) -> None:
        self.session_id, self.extensions = session_id, 0
        self.discrepancies: list[Discrepancy] = []
        self.revision = 0  # of the latest change that the ledger has
        self._now = now
        self._viewers = get(session, "viewers", dict)
        kept = get(session, "swag_goals", dict)
        self._session_revision = get(kept, "revision", int)
        self._guard = {each for each in get(kept, "applied", list) if isinstance(each, ObjectId)}
        self._unrecorded = set(self._guard)
        self._latest: dict[str, tuple[Permission | None, Row]] = {}  # after which change
        self._first: dict[str, tuple[float, datetime]] = {}  # each viewer's seconds before their first change, and when
        self._gaps: dict[str, list[Discrepancy]] = defaultdict(list)  # by viewer
        self._undated: list[Row] = []  # given, and the ledger does not know when: not yet, or no more
        self._voided: set[ObjectId] = set()
        self._taken_back: dict[ObjectId, Mapping[str, float]] = {}
        for record in records:
            self._unrecorded.discard(record["_id"])
            try:
                self._read(Extension.checked(record))
            except (UnreadableExtension, OverflowError):
                self._found("unreadable", record["_id"])
        if session is None:
            self._close_removed()
        else:
            self._close()

    @property
    def broken(self) -> bool:
        """Whether something is, as far as this look goes."""
        return any(discrepancy.kind in BROKEN for discrepancy in self.discrepancies)

    def _found(self, kind: str, extension_id: ObjectId | None = None, *more: Any) -> None:
        self.discrepancies.append(Discrepancy(kind, self.session_id, extension_id, *more))

    def _read(self, row: Row) -> None:
        self.extensions += 1
        self._look_at(row)
        if all(row.get(name) for name in ("revision", "applied_at", "applied_nbf", "permissions")):
            self._add(row)
        elif row["status"] in (APPLIED, DONE) or row["_id"] in self._guard:
            self._undated.append(row)

    def _look_at(self, row: Row) -> None:
        """What can be said of a record without its change."""
        if row["status"] == PENDING and row["requested_at"] < self._now - PENDING_TOO_LONG:
            self._found("pending", row["_id"])
        is_final = row["status"] == REJECTED and row.get("due") is None
        if is_final and (row["_id"] in self._guard or row.get("permissions")):
            self._found("unrecorded", row["_id"])
        if row.get("taken_back") is not None:
            self._taken_back[row["_id"]] = row["taken_back"]

    def _add(self, row: Row) -> None:
        self.revision = row["revision"]
        taken: dict[str, float] = {}
        for viewer in row["viewers"]:
            after, before, has = Permission.of(row["permissions"].get(viewer)), None, inf
            if row.get("before") is not None:
                before = Permission.of(row["before"].get(viewer))
                has = (before or NOTHING).duration
                if viewer in self._latest:
                    self._compare(viewer, before, row["applied_at"])
                if after != (right := changed_by(row, before)):
                    seconds, exp_seconds = difference(right, after)
                    kind = "void_too_much" if row.get("void_of") and min(seconds, exp_seconds) < 0 else "wrong_sum"
                    self._found(kind, row["_id"], viewer, seconds, exp_seconds)
            self._first.setdefault(viewer, (has, row["applied_at"]))
            self._latest[viewer] = (after, row)
            taken[viewer] = -difference(before, after)[1]
        if row.get("void_of"):
            self._add_void(row, taken)

    def _add_void(self, row: Row, taken: Mapping[str, float]) -> None:
        extension_id = row["void_of"]
        if extension_id in self._voided or self._taken_back.pop(extension_id, taken) != taken:
            self._found("void_too_much", extension_id)
        self._voided.add(extension_id)

    def _compare(self, viewer: str, seen: Permission | None, at: datetime) -> None:
        """What the viewer has at `at` with what the latest change left."""
        was, row = self._latest[viewer]
        if seen != was:
            kind, differs = kind_of(row, was, seen, at), difference(was, seen)
            self._gaps[viewer].append(Discrepancy(kind, self.session_id, row["_id"], viewer, *differs, at))

    def _close(self) -> None:
        if self._session_revision < self.revision:
            self._found("session_replaced")
        for viewer in self._latest:
            self._compare(viewer, Permission.of(self._viewers.get(viewer)), self._now)
        for viewer in {viewer for row in self._undated for viewer in row["viewers"]}:
            self._compare_undated(viewer)
        self._add_gaps()
        for extension_id in self._unrecorded:
            self._found("unrecorded", extension_id)
        said = {discrepancy.kind for discrepancy in self.discrepancies} & {"given_twice", "unrecorded", "unreadable"}
        if self._session_revision > self.revision and not self._undated and not said:
            self._found("unrecorded")
        for extension_id in self._taken_back.keys() - {row.get("void_of") for row in self._undated}:
            self._found("void_too_much", extension_id)

    def _compare_undated(self, viewer: str) -> None:
        """Their seconds are in the viewer's gaps, or were there before the first change; nobody knows in which."""
        stands = Permission.of(self._viewers.get(viewer)) if self._session_revision else None
        has, at = self._first.get(viewer, ((stands or NOTHING).duration, self._now))
        rows = [row for row in self._undated if viewer in row["viewers"]]
        given = [row for row in rows if not row.get("void_of")]
        most = sum(row["duration"] for row in given)
        before = sum(row["duration"] for row in given if row["requested_at"] <= at)
        least = most - min(before, has) - sum(row["duration"] for row in rows if row.get("void_of"))
        seconds = sum(gap.seconds or 0 for gap in self._gaps.pop(viewer, ()))
        if seconds < least:
            self._found("not_in_session", rows[-1]["_id"], viewer, seconds - least)
        elif seconds > most:
            self._found("changed", None, viewer, seconds - most)

    def _add_gaps(self) -> None:
        self.discrepancies += [gap for gaps in self._gaps.values() for gap in gaps]

    def _close_removed(self) -> None:
        self._add_gaps()
        ends = [after.exp for after, _ in self._latest.values() if after and after.exp]
        ends += [row["requested_at"] for row in self._undated]
        if ends:
            self._found("session_removed" if max(ends) > self._now - KEPT else "removed")


def get(value: Any, name: str, kind: type) -> Any:
    """What stands under the name, if it is of that kind; else an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, kind) else kind()
