"""Extensions and voids that are applied, and of which nobody knows any more when: only their seconds can be looked for.

A second attempt that settles what a first one applied may find the change no longer kept: `before` is null then.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId

Row = Mapping[str, Any]


class UndatedChanges:
    """The undated changes of one session."""

    def __init__(self) -> None:
        self.records: dict[ObjectId, Row] = {}
        self._found: set[tuple[ObjectId, str]] = set()  # by viewer

    @property
    def voided(self) -> set[ObjectId]:
        """The extensions that the voids among them took from."""
        return {row["void_of"] for row in self.records.values() if row.get("void_of")}

    def explain(self, viewer: str, seconds: float) -> float:
        """How many of these seconds that a viewer has more, or less, are theirs. Each explains once."""
        left = seconds
        for row in self._of(viewer):
            part = max(-row["duration"], left) if row.get("void_of") else row["duration"]
            if left >= part > 0 or left <= part < 0:
                self._found.add((row["_id"], viewer))
                left -= part
        return seconds - left

    def missing(self, viewer: str, seconds: float, at: datetime) -> Iterator[ObjectId]:
        """Extensions that are neither explained nor in the seconds that the viewer had at `at`."""
        for row in self._of(viewer):
            if not row.get("void_of"):
                seconds -= row["duration"]
                if seconds < 0 or row["requested_at"] > at:
                    yield row["_id"]

    def _of(self, viewer: str) -> list[Row]:
        rows = self.records.values()
        return [row for row in rows if viewer in row["viewers"] and (row["_id"], viewer) not in self._found]
