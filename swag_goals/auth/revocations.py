"""Which tokens are revoked, as this process knows it: never older than a revocation may take to be in force."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pymongo
from pymongo.errors import ConnectionFailure, PyMongoError

from swag_goals.documents.revoked_token import RevokedToken
from swag_goals.time_limits import (
    MAX_REVOCATION,
    REVOCATIONS_FRESH,
    REVOCATIONS_STALE,
    REVOCATIONS_TIMEOUT,
    REVOCATIONS_WHOLE,
)

log = logging.getLogger(__name__)

# The newest are read until so many in a row are known: those that were written side by side stand in any order.
KNOWN_IN_A_ROW = 100


class Revocations:
    """The revoked `jti`s, read again at the first question after they are no longer fresh."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._revoked: set[str] = set()
        self._read_at = self._whole_at = self._failed_at = float("-inf")
        self._primary: Any = None

    def __contains__(self, jti: str) -> bool:
        """Whether the token is revoked.

        :raises ConnectionFailure: what is known is too old to say.
        """
        if self._age() > REVOCATIONS_FRESH.total_seconds():
            self._refresh()
        if self._age() > MAX_REVOCATION.total_seconds():
            raise ConnectionFailure("the revocations are too old")
        return self.knows(jti)

    def knows(self, jti: str) -> bool:
        """Whether the token was revoked when that was last read, however long ago."""
        return jti in self._revoked

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    def _refresh(self) -> None:
        # One reads; the others go on with what is known, and wait where it is nothing, or stale.
        came = time.monotonic()
        if not self._lock.acquire(blocking=self._age() > REVOCATIONS_STALE.total_seconds()):
            return
        try:
            # Nobody waits for two that fail: of many the last one would wait for all of them in turn.
            if self._age() > REVOCATIONS_FRESH.total_seconds() and self._failed_at < came:
                self._read()
        except PyMongoError as error:
            self._failed_at = time.monotonic()
            log.warning("revocations are not fresh", extra={"cause": type(error).__name__})
        finally:
            self._lock.release()

    def _read(self) -> None:
        """The newest alone. All of them now and then, since some expire; and from a primary that is new.

        It has the latest ones perhaps in another order.
        """
        now, collection = time.monotonic(), RevokedToken._get_collection()
        with pymongo.timeout(REVOCATIONS_TIMEOUT.total_seconds()):
            primary = collection.database.client.primary
            if primary != self._primary or now - self._whole_at > REVOCATIONS_WHOLE.total_seconds():
                self._revoked = set(_jtis(collection.find({}, {"_id": 1})))
                self._primary, self._whole_at = primary, now
            else:
                self._add(_jtis(collection.find({}, {"_id": 1}).sort("$natural", pymongo.DESCENDING)))
        self._read_at = now

    def _add(self, newest_first: Iterable[str]) -> None:
        known = 0
        for jti in newest_first:
            known = known + 1 if jti in self._revoked else 0
            if known == KNOWN_IN_A_ROW:
                return
            self._revoked.add(jti)


def _jtis(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Without what another hand has put there."""
    return (row["_id"] for row in rows if isinstance(row["_id"], str))
