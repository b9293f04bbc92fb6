"""Which tokens are revoked, as this process knows it: at most three seconds old."""

import logging
import threading
import time

import pymongo
from pymongo.errors import ConnectionFailure, PyMongoError

from swag_goals.documents.revoked_token import RevokedToken

log = logging.getLogger(__name__)

FRESH = 2.0  # seconds; a revocation is promised to be in force everywhere within 5
PATIENCE = 1.0


class Revocations:
    """The revoked `jti`s, read again at the first question after they are no longer fresh."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._revoked: frozenset[str] | None = None
        self._asked_at = float("-inf")

    def __contains__(self, jti: str) -> bool:
        """Whether the token is revoked.

        :raises ConnectionFailure: MongoDB has never told.
        """
        if self._stale():
            self._refresh()
        if self._revoked is None:
            raise ConnectionFailure("the revocations were never read")
        return jti in self._revoked

    def _stale(self) -> bool:
        return time.monotonic() - self._asked_at > FRESH

    def _refresh(self) -> None:
        # One reads; the others go on with what is known, and wait only where nothing is.
        if not self._lock.acquire(blocking=self._revoked is None):
            return
        try:
            if self._stale():
                self._read()
        finally:
            self._lock.release()

    def _read(self) -> None:
        """Without MongoDB what was known stays known: then nobody can revoke either."""
        try:
            with pymongo.timeout(PATIENCE):
                self._revoked = frozenset(RevokedToken.objects.scalar("jti"))
        except PyMongoError as error:
            log.warning("revocations are not fresh", extra={"cause": type(error).__name__})
        self._asked_at = time.monotonic()
