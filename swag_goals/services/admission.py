"""Admission: whether a viewer may watch a session now, and for how long. Nothing is written."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

import pymongo
from mongoengine.connection import get_db

from swag_goals.auth.revocations import Revocations
from swag_goals.auth.tickets import LIFE, Ticket, mint_ticket, verify_ticket
from swag_goals.auth.tokens import BadToken
from swag_goals.services.known_permissions import MOST, KnownPermissions
from swag_goals.services.recent import Recent
from swag_goals.time_limits import ANSWER_TIMEOUT, YES_FRESH


class NoTimeLeft(Exception):
    """The viewer has no permission in the session, or one that has not begun or is over."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A yes: whose it is, how many seconds are left of the permission, and how many ago that was read."""

    viewer_id: str
    seconds_left: float
    exp: datetime
    age: float


class Admissions:
    """Who is let in, by the keys and by what was revoked."""

    def __init__(self, keys: Mapping[str, str], revocations: Revocations) -> None:
        self._keys = keys
        self._revocations = revocations
        self._permissions = KnownPermissions()
        self._tickets = Recent[bytes, Ticket](MOST)

    def issue(self, session_id: str, viewer_id: str) -> tuple[str, datetime]:
        """A new ticket, good from now on by MongoDB's clock, and when it expires.

        :raises pymongo.errors.PyMongoError: MongoDB is away.
        """
        with pymongo.timeout(ANSWER_TIMEOUT.total_seconds()):
            now = int(get_db().command("hello")["localTime"].timestamp())
        ticket = Ticket(viewer_id, session_id, secrets.token_hex(8), now, now + LIFE)
        return mint_ticket(self._keys, ticket), datetime.fromtimestamp(ticket.exp, UTC)

    def admit(self, encoded: str, session_ids: list[str]) -> Admission:
        """Let the ticket's viewer in.

        :param session_ids: what in the stream's address may be the session's id.
        :raises BadToken: it is no good ticket for this stream.
        :raises NoTimeLeft: it is, and the viewer has no time now.
        :raises pymongo.errors.PyMongoError: unknown.
        """
        ticket = self._verified(encoded)
        if ticket.session_id not in session_ids:
            raise BadToken
        known = self._permissions.find(ticket.session_id, ticket.viewer_id)
        age = known.age()
        # While MongoDB is away, what is known of revocations is as old.
        fresh = age <= YES_FRESH.total_seconds()
        is_revoked = ticket.jti in self._revocations if fresh else self._revocations.knows(ticket.jti)
        if is_revoked or not ticket.is_valid_at(time.monotonic() + known.behind):
            raise BadToken
        seconds_left = known.seconds_left(ticket.viewer_id)
        if seconds_left <= 0:
            raise NoTimeLeft
        exp = datetime.fromtimestamp(known.ends[ticket.viewer_id], UTC)
        return Admission(ticket.viewer_id, seconds_left, exp, age)

    def _verified(self, encoded: str) -> Ticket:
        """Verified once, and then known: a player shows the same one with each segment. What is bad is not kept."""
        if not encoded.isascii():
            raise BadToken
        digest = blake2b(encoded.encode(), digest_size=16).digest()
        ticket = self._tickets.get(digest)
        if ticket is None:
            ticket = verify_ticket(encoded, self._keys)
            self._tickets.put(digest, ticket)
        return ticket
