"""Admission: whether a viewer may watch a session now, and for how long. Nothing is written."""

import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

import pymongo

from swag_goals.auth.revocations import Revocations
from swag_goals.auth.tickets import LIFE, Ticket, mint_ticket, verify_ticket
from swag_goals.auth.tokens import BadToken
from swag_goals.documents.ledger import server_time
from swag_goals.services.known_permissions import MAX_KEPT, KnownPermissions
from swag_goals.time_limits import ANSWER_TIMEOUT, LOOKUP_TIMEOUT, YES_FRESH

REFUSALS = ("ticket_missing", "ticket_invalid", "no_time_left")


class NotAdmitted(Exception):
    """The viewer may not watch now; `code` is one of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Admission(NamedTuple):
    """A yes: whose it is, until when, how many seconds that is from now, and how many ago it was read."""

    viewer_id: str
    exp: datetime
    seconds_left: float
    age: float


class Admissions:
    """Who is let in, by the keys and by what was revoked."""

    def __init__(self, keys: Mapping[str, str], revocations: Revocations) -> None:
        self._keys = keys
        self._revocations = revocations
        self._permissions = KnownPermissions()
        self._tickets: dict[bytes, str] = {}

    def issue(self, session_id: str, viewer_id: str) -> tuple[str, datetime]:
        """A new ticket, good from now on by MongoDB's clock, and when it expires.

        :raises pymongo.errors.PyMongoError: MongoDB is away.
        """
        with pymongo.timeout(ANSWER_TIMEOUT.total_seconds()):
            now = int(server_time().timestamp())
        ticket = Ticket(viewer_id, session_id, now, now + LIFE, secrets.token_hex(8))
        return mint_ticket(self._keys, ticket), datetime.fromtimestamp(ticket.exp, UTC)

    def admit(self, tickets: Iterable[str], session_ids: Iterable[str]) -> Admission:
        """Let a viewer in by the one ticket that was shown, for a stream of one of these sessions.

        :raises NotAdmitted: the viewer may not watch.
        :raises pymongo.errors.PyMongoError: unknown.
        """
        shown = set(tickets)
        if not shown:
            raise NotAdmitted("ticket_missing")
        try:
            (ticket,) = map(self._verified, shown)
        except (BadToken, ValueError):
            raise NotAdmitted("ticket_invalid") from None
        if ticket.session_id not in session_ids:
            raise NotAdmitted("ticket_invalid")
        known = self._permissions.find(ticket.session_id, ticket.viewer_id)
        age = known.age()
        # While MongoDB is away, what is known of revocations is as old.
        is_known_now = age <= YES_FRESH.total_seconds()
        with pymongo.timeout(LOOKUP_TIMEOUT.total_seconds()):  # proxies wait a second
            is_revoked = ticket.jti in self._revocations if is_known_now else self._revocations.knows(ticket.jti)
        if is_revoked or not ticket.is_valid_at(time.monotonic() + known.behind):
            raise NotAdmitted("ticket_invalid")
        seconds_left = known.seconds_left(ticket.viewer_id)
        if seconds_left <= 0:
            raise NotAdmitted("no_time_left")
        return Admission(ticket.viewer_id, datetime.fromtimestamp(known.ends[ticket.viewer_id], UTC), seconds_left, age)

    def _verified(self, encoded: str) -> Ticket:
        """Verified once, as a player shows the same one with each segment; what is bad is not kept."""
        digest = blake2b(encoded.encode("ascii"), digest_size=16).digest()  # not ASCII is a ValueError
        if (known := self._tickets.get(digest)) is None:
            if len(self._tickets) >= MAX_KEPT:
                self._tickets.clear()
            # As one text, which takes a third of the memory.
            known = self._tickets[digest] = " ".join(map(str, verify_ticket(encoded, self._keys)))
        viewer_id, session_id, iat, exp, jti = known.split(" ", 4)
        return Ticket(viewer_id, session_id, int(iat), int(exp), jti)
