"""Whether what was measured is right: in the ledger, in the sessions, and at the listener."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from dev.bench.streams import BOUGHT
from dev.stack.listener import Event, Listener
from swag_goals.documents.compact_record import expanded
from swag_goals.documents.extension import DONE, DURATION
from swag_goals.times import iso

NOTIFIED_WITHIN = 30.0  # seconds
SECONDS = timedelta(seconds=DURATION)


class Wrong(Exception):
    """It was fast, or slow, and not right: nothing measured counts."""


def check(database: Database[dict[str, Any]], ids: Sequence[ObjectId], listener: Listener, since: int) -> None:
    """Each of these extensions was applied once and its viewers notified, and their sessions had no others.

    :param since: how many of the listener's events are older.
    :raises Wrong: naming the first that was not.
    """
    records = {record["_id"]: expanded(record) for record in database.extension.find({"_id": {"$in": ids}})}
    if undone := [each for each in ids if records.get(each, {}).get("status") != DONE]:
        raise Wrong(f"{len(undone)} of {len(ids)} are not done, extension {undone[0]} for one")
    _check_sessions(database, records.values())
    _check_events(records, listener, since)


def _check_sessions(database: Database[dict[str, Any]], records: Iterable[Mapping[str, Any]]) -> None:
    by_session: dict[ObjectId, list[Mapping[str, Any]]] = defaultdict(list)
    for record in records:
        by_session[record["session_id"]].append(record)
    for session in database.session.find({"_id": {"$in": list(by_session)}}):
        given = sorted(by_session.pop(session["_id"]), key=lambda record: record["revision"])
        for viewer in given[0]["viewers"]:
            found = session["viewers"][viewer]
            exp = given[0]["applied_nbf"] + SECONDS
            for record in given[1:]:
                exp = max(exp, record["applied_nbf"]) + SECONDS
            if found["duration"] != BOUGHT + DURATION * len(given) or found["exp"] != exp:
                raise Wrong(f"session {session['_id']} has {found}; {len(given)} extensions make {exp} of it")
    if by_session:
        raise Wrong(f"{len(by_session)} sessions are gone")


def _check_events(records: dict[ObjectId, Mapping[str, Any]], listener: Listener, since: int) -> None:
    """Each viewer was notified of each extension, and whatever an event said was so at that revision."""
    wanted = {(str(each["_id"]), viewer) for each in records.values() for viewer in each["permissions"]}
    received: set[tuple[str, str]] = set()
    looked_at = since

    def all_received(events: Sequence[Event]) -> bool:
        nonlocal looked_at
        received.update((event.data["extension_id"], event.data["viewer_id"]) for event in events[looked_at:])
        looked_at = len(events)
        return wanted <= received

    try:
        events = listener.wait_until(all_received, NOTIFIED_WITHIN)[since:]
    except TimeoutError:
        raise Wrong(f"the viewers received {len(wanted & received)} of {len(wanted)} events") from None
    so = {(str(each["session_id"]), each["revision"]): each["permissions"] for each in records.values()}
    for event in events:
        data = event.data
        permission = so[data["session_id"], data["revision"]][data["viewer_id"]]
        was = {"nbf": iso(permission["nbf"]), "duration": permission["duration"], "exp": iso(permission["exp"])}
        if was != {name: data[name] for name in was}:
            raise Wrong(f"a viewer was notified of {data} instead of {was}")
