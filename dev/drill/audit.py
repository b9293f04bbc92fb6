"""Counts from outside the program: what was promised, what MongoDB holds, what the viewers' browsers received."""

from collections import defaultdict
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


def count(database: Database[dict[str, Any]], presses: Sequence[Press], events: Iterable[Event]) -> Count:
    """Compare the seconds in the sessions, and the events received, with the acknowledged presses."""
    lost = doubled = 0
    for goal, pressed in by_goal(presses):
        given = grants(database, goal)
        acknowledged = sum(press.accepted_at is not None for press in pressed)
        lost += max(acknowledged - min(given), 0)
        doubled += max(max(given) - len(pressed), 0)
    acknowledged = sum(press.accepted_at is not None for press in presses)
    return Count(
        len(presses), acknowledged, len(presses) - acknowledged, lost, doubled, len(not_notified(presses, events))
    )


def not_notified(presses: Sequence[Press], events: Iterable[Event]) -> list[Press]:
    """Acknowledged presses of whose extension not every viewer was notified."""
    notified = notified_at(presses, events)
    return [press for press in presses if press.accepted_at is not None and press.extension not in notified]


def notified_at(presses: Iterable[Press], events: Iterable[Event]) -> Mapping[str, float]:
    """When the last viewer was notified of each extension, by its id; in seconds of the epoch."""
    received: dict[tuple[str, str], float] = {}
    for event in events:
        received.setdefault((event.channel, event.data["extension_id"]), event.at / 1000)
    found = {}
    for press in presses:
        times = [received.get((channel, press.extension)) for channel in press.goal.channels]
        if None not in times:
            found[press.extension] = max(time for time in times if time)
    return found


def by_goal(presses: Iterable[Press]) -> Iterable[tuple[DrilledGoal, list[Press]]]:
    """The presses of each goal."""
    found: dict[str, list[Press]] = defaultdict(list)
    for press in presses:
        found[press.goal.goal].append(press)
    return [(pressed[0].goal, pressed) for pressed in found.values()]


def grants(database: Database[dict[str, Any]], goal: DrilledGoal) -> list[int]:
    """How many extensions' seconds each viewer got."""
    session = database.session.find_one({"_id": ObjectId(goal.session)}) or {}
    permissions = session.get("viewers", {})
    return [_grants(bought, permissions.get(viewer)) for viewer, bought in goal.bought.items()]


def _grants(bought: Document | None, permission: Document | None) -> int:
    before = bought["duration"] if bought else 0
    return (permission["duration"] - before) // DURATION if permission else 0
