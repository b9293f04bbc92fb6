"""Until when viewers may watch, as this process read it last: a whole session at a time, for all who ask about it."""

import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple

import pymongo
from bson import ObjectId, Timestamp
from pymongo.errors import ConnectionFailure, PyMongoError

from swag_goals.documents.session import Session
from swag_goals.documents.snapshot import Snapshot, UnreadablePermission
from swag_goals.time_limits import LOOKUP_REST, LOOKUP_TIMEOUT, MAX_KNOWN, NO_FRESH, YES_FRESH

MAX_KEPT = 25_000  # viewers, and as many tickets


class KnownSession(NamedTuple):
    """When permissions that have begun end, by MongoDB's clock, which `read_at`'s monotonic one is `behind`."""

    read_at: float
    behind: float
    ends: dict[str, float]

    def seconds_left(self, viewer_id: str) -> float:
        """Of the viewer's permission; 0 and below are none."""
        return self.ends.get(viewer_id, 0.0) - self.behind - time.monotonic()

    def age(self) -> float:
        """Seconds since it was read."""
        return time.monotonic() - self.read_at


class KnownPermissions:
    """For many threads. While one reads, those who ask gather behind it, and are then served by one read together."""

    def __init__(self) -> None:
        self._sessions: dict[str, KnownSession] = {}  # those that were read last are the last
        self._kept = 0  # viewers in them
        self._gathering, self._reading = threading.Lock(), threading.Lock()
        self._next: tuple[set[str], Future[dict[str, KnownSession]]] = (set(), Future())
        self._after: Timestamp | None = None  # how far MongoDB was at the last read
        self._rests_until = 0.0  # by the monotonic clock
        self._behind = time.time() - time.monotonic()  # until MongoDB says what time it is

    def find(self, session_id: str, viewer_id: str) -> KnownSession:
        """The session, as fresh as an answer to this viewer needs it; while MongoDB is away, what was known before.

        :raises pymongo.errors.PyMongoError: MongoDB is away, and the viewer is not known to have time left.
        """
        known = self._sessions.get(session_id)
        lasts = known is not None and known.seconds_left(viewer_id) > 0
        # A no is read again soon: an extension ends it.
        if known and known.age() < (YES_FRESH if lasts else NO_FRESH).total_seconds():
            return known
        try:
            return self._look_up(session_id)
        except PyMongoError:
            # What has ended meanwhile may have been extended: that is unknown, and no refusal.
            if known and known.age() < MAX_KNOWN.total_seconds() and known.seconds_left(viewer_id) > 0:
                return known
            raise

    def _look_up(self, session_id: str) -> KnownSession:
        self._check_rest()
        with self._gathering:
            session_ids, found = self._next
            session_ids.add(session_id)
        with self._reading:
            if not found.done():
                self._check_rest()  # nobody waits for two that fail
                with self._gathering:
                    self._next = (set(), Future())
                self._read(session_ids, found)
        return found.result()[session_id]

    def _check_rest(self) -> None:
        if time.monotonic() < self._rests_until:
            raise ConnectionFailure("MongoDB did not answer a moment ago")

    def _read(self, session_ids: set[str], found: Future[dict[str, KnownSession]]) -> None:
        now = time.monotonic()
        try:
            with pymongo.timeout(LOOKUP_TIMEOUT.total_seconds()):
                snapshots, self._after = Session.snapshots([ObjectId(each) for each in session_ids], self._after)
        except PyMongoError as error:
            self._rests_until = time.monotonic() + LOOKUP_REST.total_seconds()
            found.set_exception(error)
            return
        for snapshot in snapshots.values():
            self._behind = snapshot.server_time.timestamp() - time.monotonic()
        read = {each: KnownSession(now, self._behind, ends(snapshots.get(each))) for each in session_ids}
        self._keep(read)
        found.set_result(read)

    def _keep(self, read: dict[str, KnownSession]) -> None:
        for session_id, known in read.items():
            before = self._sessions.pop(session_id, None)
            self._sessions[session_id] = known
            self._kept += len(known.ends) - (len(before.ends) if before else 0)
        while self._kept > MAX_KEPT or len(self._sessions) > MAX_KEPT:
            self._kept -= len(self._sessions.pop(next(iter(self._sessions))).ends)


def ends(snapshot: Snapshot | None) -> dict[str, float]:
    """By viewer, when a permission that has begun ends; what cannot be read is none."""
    found: dict[str, float] = {}
    if snapshot is None or not isinstance(snapshot.viewers, dict):
        return found
    for viewer in snapshot.viewers:
        with suppress(UnreadablePermission):
            permission = snapshot.permission(viewer) or {"exp": None}
            if permission["exp"] and (permission["nbf"] or snapshot.server_time) <= snapshot.server_time:
                found[viewer] = permission["exp"].timestamp()
    return found
