"""Counts from outside the program: what was promised, what MongoDB holds, what the viewers' browsers received."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from dev.drill.browsers import Press
from dev.drill.goals import DrilledGoal
from dev.stack.listener import Event

DURATION = 60  # seconds that one extension gives
Document = Mapping[str, Any]
NONE: Mapping[str, int] = {}


@dataclass(frozen=True)
class Count:
    """In extensions. `unanswered`: never got a 2xx, however often repeated; they may be given or not."""

    pressed: int
    acknowledged: int
    unanswered: int
    lost: int
    doubled: int
    not_notified: int

    @property
    def broken(self) -> int:
        """How many promises."""
        return self.unanswered + self.lost + self.doubled + self.not_notified


def count(
    database: Database[dict[str, Any]],
    presses: Sequence[Press],
    events: Iterable[Event],
    revisions: Mapping[str, int] = NONE,
) -> Count:
    """Compare the seconds in the sessions, and the events received, with the acknowledged presses.

    :param revisions: of extensions by their ids, for those whose record does not know it.
    """
    lost = doubled = 0
    for goal, pressed in by_goal(presses):
        given = grants(database, goal)
        acknowledged = sum(press.accepted_at is not None for press in pressed)
        lost += max(acknowledged - min(given), 0)
        doubled += max(max(given) - len(pressed), 0)
    acknowledged = sum(press.accepted_at is not None for press in presses)
    said_so = given_up(database, presses)
    missed = sum(press.extension not in said_so for press in not_notified(database, presses, events, revisions))
    return Count(len(presses), acknowledged, len(presses) - acknowledged, lost, doubled, missed)


def given_up(database: Database[dict[str, Any]], presses: Iterable[Press]) -> set[str]:
    """The extensions of these whose record says that the permission ended before anybody could be notified."""
    ids = [ObjectId(press.extension) for press in presses]
    ours = {"_id": {"$in": ids}, "status": "applied", "reason.code": "pusher_refused"}
    return {str(record["_id"]) for record in database.extension.find(ours, {"_id": 1})}


def not_notified(
    database: Database[dict[str, Any]],
    presses: Sequence[Press],
    events: Iterable[Event],
    revisions: Mapping[str, int] = NONE,
) -> list[Press]:
    """Acknowledged presses of whose extension not every viewer was notified."""
    notified = notified_at(database, presses, events, revisions)
    return [press for press in presses if press.accepted_at is not None and press.extension not in notified]


def notified_of(database: Database[dict[str, Any]], record: str, goal: DrilledGoal, events: Sequence[Event]) -> bool:
    """Whether every viewer was notified of this extension or void, or of a later state of the session."""
    found = database.extension.find_one({"_id": ObjectId(record)}) or {}
    revision = found.get("revision") or float("inf")
    return None not in [_first([e for e in events if e.channel == each], record, revision) for each in goal.channels]


def notified_at(
    database: Database[dict[str, Any]],
    presses: Sequence[Press],
    events: Iterable[Event],
    revisions: Mapping[str, int] = NONE,
) -> Mapping[str, float]:
    """When the last viewer was notified of each extension, by its id; in seconds of the epoch.

    By its own event, or by one of a later state of the session: what it says is absolute.
    """
    received: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        received[event.channel].append(event)
    ids = [ObjectId(press.extension) for press in presses]
    records = database.extension.find({"_id": {"$in": ids}, "revision": {"$exists": True}}, {"revision": 1})
    known = {**revisions, **{str(record["_id"]): record["revision"] for record in records}}
    found = {}
    for press in presses:
        revision = known.get(press.extension, float("inf"))
        times = [_first(received[channel], press.extension, revision) for channel in press.goal.channels]
        if None not in times:
            found[press.extension] = max(time for time in times if time)
    return found


def _first(events: Iterable[Event], extension: str, revision: float) -> float | None:
    """When the first event came that tells of this extension."""
    for each in events:
        if each.data["extension_id"] == extension or each.data.get("revision", 0) >= revision:
            return each.at / 1000
    return None


def by_goal(presses: Iterable[Press]) -> Iterable[tuple[DrilledGoal, list[Press]]]:
    """The presses of each goal."""
    found: dict[str, list[Press]] = defaultdict(list)
    for press in presses:
        found[press.goal.goal].append(press)
    return [(pressed[0].goal, pressed) for pressed in found.values()]


def grants(database: Database[dict[str, Any]], goal: DrilledGoal) -> list[int]:
    """How many extensions' seconds each viewer got, with those that were taken back again."""
    back: Counter[str] = Counter()
    for voided in database.extension.find({"goal_id": ObjectId(goal.goal), "taken_back": {"$type": "object"}}):
        back.update(voided["taken_back"])
    session = database.session.find_one({"_id": ObjectId(goal.session)}) or {}
    permissions = session.get("viewers", {})
    return [_grants(bought, permissions.get(viewer), back[viewer]) for viewer, bought in goal.bought.items()]


def _grants(bought: Document | None, permission: Document | None, back: int) -> int:
    before = bought["duration"] if bought else 0
    return (permission["duration"] + back - before) // DURATION if permission else 0
