"""The circuit breaker for Redis: one that does not answer costs a caller one timeout, and the next ones nothing."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from redis import Redis, RedisError

from swag_goals.time_limits import REDIS_REST, WEB_REDIS_TIMEOUT

T = TypeVar("T")


class RedisUnavailable(Exception):
    """Redis does not answer, or did not a moment ago."""


class CircuitBreaker:
    """Redis for callers who must not wait: one of them at a time, and after a failure none for a while."""

    REST = REDIS_REST.total_seconds()
    # Seconds to wait for the callers before, while Redis answers them.
    TURN = WEB_REDIS_TIMEOUT.total_seconds()
    SILENCE = 0.05  # seconds without an answer to any of them after which nobody else waits

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._lock = threading.Lock()
        self._again_at = 0.0
        self._turns = 0  # that are over
        self._silent_since = -1  # the turns that were over when somebody waited in vain

    def call(self, operation: Callable[[], T]) -> T:
        """What `operation` returns.

        :raises RedisUnavailable: at once while Redis rests, else after one timeout.
        """
        if self._resting() or not self._take_turn():
            raise RedisUnavailable
        try:
            if self._resting():
                raise RedisUnavailable
            return operation()
        except RedisError as error:
            self._again_at = time.monotonic() + self.REST
            raise RedisUnavailable from error
        finally:
            self._turns += 1
            self._lock.release()

    def _take_turn(self) -> bool:
        """Whether it came. The answers that the callers before get show whether the web is busy or Redis frozen."""
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
