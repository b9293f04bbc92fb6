"""Clients of MongoDB and Redis. Made in each process after the fork, never at import."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import mongoengine
from redis import ConnectionPool, Redis, RedisError, SSLConnection
from redis.backoff import NoBackoff
from redis.retry import Retry

T = TypeVar("T")

SESSIONS = "sessions"  # the sessions' own client, by MongoEngine's alias
# Bounds one operation with its retries; without it a lost primary is waited for without end.
MONGODB_TIMEOUT_MS = 10_000
# A frozen Redis hangs a caller without a timeout. The web asks it beside a paid request.
WEB_REDIS_TIMEOUT = 0.2
QUEUE_REDIS_TIMEOUT = 2.0


class RedisAway(Exception):
    """Redis does not answer, or did not a moment ago."""


class RedisCircuit:
    """Redis for callers who must not wait: one of them at a time, and after a failure none for a while."""

    REST = 5.0  # seconds until Redis is asked again
    TURN = WEB_REDIS_TIMEOUT  # seconds to wait for the callers before, while Redis answers them
    SILENCE = 0.05  # seconds without an answer to any of them after which nobody else waits

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._lock = threading.Lock()
        self._again_at = 0.0
        self._turns = 0  # that are over
        self._silent_since = -1  # the turns that were over when somebody waited in vain

    def ask(self, question: Callable[[], T]) -> T:
        """The answer to `question`.

        :raises RedisAway: at once while Redis rests, else after one timeout.
        """
        if self._resting() or not self._take_turn():
            raise RedisAway
        try:
            if self._resting():
                raise RedisAway
            return question()
        except RedisError as error:
            self._again_at = time.monotonic() + self.REST
            raise RedisAway from error
        finally:
            self._turns += 1
            self._lock.release()

    def _take_turn(self) -> bool:
        """Whether it came. A busy web is told from a frozen Redis by the answers that the callers before get."""
        until = time.monotonic() + self.TURN
        while True:
            turns = self._turns
            if self._lock.acquire(timeout=0.0 if self._silent_since == turns else self.SILENCE):
                return True
            if self._turns == turns:
                self._silent_since = turns
                return False
            if time.monotonic() > until:
                return False

    def _resting(self) -> bool:
        return time.monotonic() < self._again_at


def connect_mongodb(uri: str) -> None:
    """Connect MongoEngine's documents; the first operation opens the first socket.

    What is written stands on a majority and what is read stood on one, whatever the URI says:
    with `w: 1` an acknowledged extension can be rolled back.
    """
    _connect_mongodb(uri, mongoengine.DEFAULT_CONNECTION_NAME, retry_writes=True)
    # To be able to retry, MongoDB would keep a copy of the whole session with each grant, which is
    # most of the work where there are many viewers. The guard makes the next attempt as safe.
    _connect_mongodb(uri, SESSIONS, retry_writes=False)


def _connect_mongodb(uri: str, alias: str, *, retry_writes: bool) -> None:
    mongoengine.connect(
        alias=alias,
        host=uri,
        connect=False,
        w="majority",
        readConcernLevel="majority",
        readPreference="primary",
        retryWrites=retry_writes,
        retryReads=True,
        timeoutMS=MONGODB_TIMEOUT_MS,
        serverSelectionTimeoutMS=MONGODB_TIMEOUT_MS,
        connectTimeoutMS=2_000,
        tz_aware=True,
        # What others keep in a goal or session, and Python cannot hold, would make all of it unreadable:
        # a date far away, a UUID that is none, text that is no UTF-8.
        datetime_conversion="DATETIME_CLAMP",
        uuidRepresentation="unspecified",
        unicode_decode_error_handler="replace",
        appname="swag_goals",
    )


def connect_redis(url: str, timeout: float) -> Redis:
    """A client whose every call ends within about `timeout` seconds, whatever the URL says."""
    pool = ConnectionPool.from_url(url)
    options = pool.connection_kwargs
    if issubclass(pool.connection_class, SSLConnection):
        options.setdefault("ssl_cert_reqs", "none")  # Heroku's certificates are self-signed
    options |= {"socket_timeout": timeout, "socket_connect_timeout": timeout}
    options |= {"retry": Retry(NoBackoff(), 0), "decode_responses": False}
    return Redis.from_pool(pool)
