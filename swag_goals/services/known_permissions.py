"""Until when viewers may watch, as this process read it last: a whole session at a time, for all who ask about it."""

import threading
import time
from dataclasses import dataclass

import pymongo
from bson import ObjectId
from pymongo.errors import ConnectionFailure, PyMongoError

from swag_goals.documents.session import Session
from swag_goals.documents.snapshot import Snapshot, UnreadablePermission
from swag_goals.services.recent import Recent
from swag_goals.time_limits import LOOKUP_REST, LOOKUP_TIMEOUT, MAX_KNOWN, NO_FRESH, YES_FRESH

MOST = 10_000  # viewers
LOCKS = 64


@dataclass(frozen=True, slots=True)
class KnownSession:
    """When the permission of each viewer ends whose has begun, in seconds of the epoch by MongoDB's clock.

    `read_at` is by the monotonic clock, which is `behind` MongoDB's.
    """

    read_at: float
    behind: float
    ends: dict[str, float]

    def seconds_left(self, viewer_id: str) -> float:
        """Of the viewer's permission; none are left at 0 and below."""
        return self.ends.get(viewer_id, 0.0) - self.behind - time.monotonic()

    def age(self) -> float:
        """Seconds since it was read."""
        return time.monotonic() - self.read_at

    def is_fresh(self, viewer_id: str) -> bool:
        """Whether it may be answered from. A no is asked for again soon: it ends with the next extension."""
        return self.age() < (YES_FRESH if self.seconds_left(viewer_id) > 0 else NO_FRESH).total_seconds()


class Lookup:
    """Sessions that are read together, and what came of it."""

    def __init__(self) -> None:
        self.session_ids: set[str] = set()
        self.is_probe = False
        self.found: dict[str, KnownSession] = {}
        self.error: PyMongoError | None = None


class KnownPermissions:
    """What is known of sessions, for many threads.

    One lookup is under way at a time. Who asks meanwhile joins the next one, so that it serves all of them.
    """

    def __init__(self) -> None:
        self._sessions = Recent[str, KnownSession](MOST)
        self._next = Lookup()
        self._joining, self._reading = threading.Lock(), threading.Lock()
        self._rests_until = 0.0  # on the monotonic clock; 0 while MongoDB answers
        self._behind = time.time() - time.monotonic()  # until MongoDB says what time it is

    def find(self, session_id: str, viewer_id: str) -> KnownSession:
        """The session, as fresh as an answer to this viewer needs it; while MongoDB is away, what was known before.

        :raises pymongo.errors.PyMongoError: MongoDB is away, and the viewer is not known to have time left.
        """
        known = self._sessions.get(session_id)
        if known and known.is_fresh(viewer_id):
            return known
        try:
            return self._look_up(session_id)
        except PyMongoError:
            if known and known.age() < MAX_KNOWN.total_seconds() and known.seconds_left(viewer_id) > 0:
                return known
            raise

    def _look_up(self, session_id: str) -> KnownSession:
        lookup = self._join(session_id)
        with self._reading:
            if lookup is self._next:  # nobody has read it meanwhile
                with self._joining:
                    self._next = Lookup()
                self._read(lookup)
        if lookup.error:
            raise lookup.error
        return lookup.found[session_id]

    def _join(self, session_id: str) -> Lookup:
        with self._joining:
            if self._rests_until:
                if not self._next.is_probe and time.monotonic() < self._rests_until:
                    raise ConnectionFailure("MongoDB did not answer a moment ago")
                # One finds out whether it is back; the others go on without.
                self._next.is_probe, self._rests_until = True, time.monotonic() + LOOKUP_REST.total_seconds()
            self._next.session_ids.add(session_id)
            return self._next

    def _read(self, lookup: Lookup) -> None:
        if self._rests_until and not lookup.is_probe:
            lookup.error = ConnectionFailure("MongoDB did not answer the last ones")
            return
        now = time.monotonic()
        try:
            with pymongo.timeout(LOOKUP_TIMEOUT.total_seconds()):
                snapshots = Session.snapshots([ObjectId(each) for each in lookup.session_ids])
        except PyMongoError as error:
            lookup.error, self._rests_until = error, time.monotonic() + LOOKUP_REST.total_seconds()
            return
        self._rests_until = 0.0
        for snapshot in snapshots.values():
            self._behind = snapshot.server_time.timestamp() - time.monotonic()
        for session_id in lookup.session_ids:
            found = snapshots.get(session_id)
            known = KnownSession(now, self._behind, ends(found) if found else {})
            lookup.found[session_id] = known
            self._sessions.put(session_id, known, weight=max(1, len(known.ends)))


def ends(snapshot: Snapshot) -> dict[str, float]:
    """By viewer, when a permission that has begun ends; what cannot be read is none."""
    found = {}
    for viewer in snapshot.viewers if isinstance(snapshot.viewers, dict) else ():
        try:
            permission = snapshot.permission(viewer)
        except UnreadablePermission:
            continue
        if permission and permission["exp"] and not (permission["nbf"] and permission["nbf"] > snapshot.server_time):
            found[viewer] = permission["exp"].timestamp()
    return found
