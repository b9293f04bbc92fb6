"""Whether the ledger, the sessions and the events agree, extension by extension.

The sums of `audit` would not see an extension lost beside one that is doubled.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from dev.drill.audit import DURATION, Document, by_goal
from dev.drill.browsers import Press
from dev.drill.goals import DrilledGoal
from dev.stack.listener import Event

LATE = timedelta(seconds=5)


def settled(database: Database[dict[str, Any]], ids: Iterable[str]) -> set[str]:
    """Those of these extensions and voids that are done, as the ledger has it."""
    ours = {"_id": {"$in": [ObjectId(each) for each in ids]}, "status": "done"}
    return {str(record["_id"]) for record in database.extension.find(ours, {"_id": 1})}


def faults(database: Database[dict[str, Any]], presses: Sequence[Press], events: Iterable[Event]) -> list[str]:
    """What does not fit, in words."""
    found = [f"extension {record['_id']} was never requested" for record in _strangers(database, presses)]
    found += [f"{press.key}: its answers name {press.promises}" for press in presses if _misnamed(press)]
    latest = _latest(events)
    for goal, pressed in by_goal(presses):
        ids = [ObjectId(press.extension) for press in pressed]
        records = list(database.extension.find({"$or": [{"_id": {"$in": ids}}, {"void_of": {"$in": ids}}]}))
        session = database.session.find_one({"_id": ObjectId(goal.session)}) or {}
        found += [f"session {goal.session}: {fault}" for fault in _session_faults(goal, records, session, latest)]
    return found


def _strangers(database: Database[dict[str, Any]], presses: Iterable[Press]) -> Iterable[Document]:
    ids = [ObjectId(press.extension) for press in presses]
    return database.extension.find({"_id": {"$nin": ids}, "void_of": {"$nin": ids}})


def _misnamed(press: Press) -> bool:
    return bool(press.promises - {press.extension})


def _latest(events: Iterable[Event]) -> Mapping[str, Event]:
    """What a client goes by on each channel: the highest revision, and of it the latest time."""
    return {
        event.channel: event
        for event in sorted(events, key=lambda event: (event.data["revision"], event.data["server_time"]))
    }


def _session_faults(
    goal: DrilledGoal, records: Sequence[Document], session: Document, latest: Mapping[str, Event]
) -> Iterator[str]:
    if session.get("title") != "kept as it is":
        yield "what another program wrote is gone"
    if any(record.get("revision") is None for record in records):
        return  # pending, or applied so long before its record that only the sums can be known
    in_order = sorted(records, key=lambda record: record["revision"])
    for record in in_order:
        yield from _record_faults(record)
    taken = {record["_id"]: record.get("taken_back") for record in records}
    for viewer, channel in zip(goal.bought, goal.channels, strict=True):
        holds = session.get("viewers", {}).get(viewer)
        owed, voided = _owed(goal.bought[viewer], in_order)
        if holds != owed:
            yield f"viewer {viewer} holds {holds}, and the ledger makes it {owed}"
        if wrong := {each: s for each, s in voided.items() if (taken[each] or {}).get(viewer) != s}:
            yield f"voids took {wrong} of viewer {viewer}, and the ledger says {taken}"
        if holds and channel in latest and not _says(latest[channel], holds):
            yield f"viewer {viewer} holds {holds}, and was notified last of {latest[channel].data}"


def _record_faults(record: Document) -> Iterator[str]:
    if record.get("void_of"):
        return
    late = record["applied_at"] - record["requested_at"] > LATE
    if record["applied_nbf"] != (record["applied_at"] if late else record["nbf"]):
        yield f"extension {record['_id']} began at the wrong time: {record['applied_nbf']}"


def _owed(bought: Document | None, records: Iterable[Document]) -> tuple[Document | None, dict[ObjectId, int]]:
    """What the updates should have come to, added up again over all records; and by extension what its void took."""
    permission, voided = dict(bought) if bought else None, {}
    for record in records:
        if record.get("void_of") and permission:
            left = (permission["exp"] - record["applied_at"]) // timedelta(seconds=1)
            voided[record["void_of"]] = taken = max(min(left, DURATION), 0)
            permission["duration"] -= taken
            permission["exp"] -= timedelta(seconds=taken)
            continue
        nbf = record["applied_nbf"]
        before = permission or {"nbf": nbf, "duration": 0, "exp": nbf}
        permission = {
            "nbf": before["nbf"],
            "duration": max(before["duration"], 0) + DURATION,
            "exp": max(nbf, before["exp"]) + timedelta(seconds=DURATION),
        }
    return permission, voided


def _says(event: Event, permission: Document) -> bool:
    data = event.data
    return bool(
        data["duration"] == permission["duration"]
        and datetime.fromisoformat(data["exp"]) == permission["exp"]
        and datetime.fromisoformat(data["nbf"]) == permission["nbf"]
    )
