"""Which tokens are revoked, as this process knows it: at most two seconds old."""

import logging
import threading
import time

import pymongo
from pymongo.errors import PyMongoError

from swag_goals.documents.revoked_token import RevokedToken

log = logging.getLogger(__name__)

FRESH = 2.0  # seconds; a revocation is promised to be in force everywhere within 5
PATIENCE = 1.0


class Revocations:
    """The revoked `jti`s, read again at the first question after they are no longer fresh."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._revoked: frozenset[str] = frozenset()
        self._read_at = float("-inf")

    def __contains__(self, jti: object) -> bool:
        if time.monotonic() - self._read_at > FRESH:
            with self._lock:
                if time.monotonic() - self._read_at > FRESH:
                    self._read()
        return jti in self._revoked

    def _read(self) -> None:
        """Without MongoDB what was known stays known: then nobody can revoke either."""
        self._read_at = time.monotonic()
        try:
            with pymongo.timeout(PATIENCE):
                self._revoked = frozenset(RevokedToken.objects.scalar("jti"))
        except PyMongoError as error:
            log.warning("revocations are not fresh", extra={"cause": type(error).__name__})
