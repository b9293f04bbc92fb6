"""Which tokens are revoked, as this process knows it: four seconds old at the most, while MongoDB answers."""

import logging
import threading
import time

import pymongo
from pymongo.errors import ConnectionFailure, PyMongoError

from swag_goals.documents.revoked_token import RevokedToken
from swag_goals.time_limits import REVOCATIONS_FRESH, REVOCATIONS_STALE, REVOCATIONS_TIMEOUT

log = logging.getLogger(__name__)


class Revocations:
    """The revoked `jti`s, read again at the first question after they are no longer fresh."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._revoked: frozenset[str] | None = None
        self._asked_at = float("-inf")

    def __contains__(self, jti: str) -> bool:
        """Whether the token is revoked.

        :raises ConnectionFailure: they were never read.
        """
        if self._stale():
            self._refresh()
        if self._revoked is None:
            raise ConnectionFailure("the revocations were never read")
        return jti in self._revoked

    def _stale(self) -> bool:
        return self._age() > REVOCATIONS_FRESH.total_seconds()

    def _age(self) -> float:
        return time.monotonic() - self._asked_at

    def _refresh(self) -> None:
        # One reads; the others go on with what is known, and wait where it is nothing, or old.
        if not self._lock.acquire(blocking=self._revoked is None or self._age() > REVOCATIONS_STALE.total_seconds()):
            return
        try:
            if self._stale():
                self._read()
        finally:
            self._lock.release()

    def _read(self) -> None:
        """Without MongoDB what was known stays known: then nobody can revoke either."""
        try:
            with pymongo.timeout(REVOCATIONS_TIMEOUT.total_seconds()):
                self._revoked = frozenset(RevokedToken.objects.scalar("jti"))
        except PyMongoError as error:
            log.warning("revocations are not fresh", extra={"cause": type(error).__name__})
        self._asked_at = time.monotonic()
