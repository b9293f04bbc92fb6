"""The circuit breaker for Redis: one that does not answer costs a caller one timeout, and the next ones nothing."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from redis import Redis, RedisError

from swag_goals.connections import cause, is_refusal
from swag_goals.time_limits import REDIS_REST

T = TypeVar("T")

log = logging.getLogger(__name__)


class RedisUnavailable(Exception):
    """Redis does not answer, or did not a moment ago, or refuses; the message is the cause, in one word."""


class CircuitBreaker:
    """Redis for callers who must not wait, for one purpose, side by side.

    The first silence opens it. After a rest one caller finds out whether Redis is back; the others wait for nothing.
    A refused command opens nothing: it costs no time, and the next one may be done.
    """

    REST = REDIS_REST.total_seconds()

    def __init__(self, client: Redis, purpose: str) -> None:
        self.client = client
        self._purpose = purpose
        self._lock = threading.Lock()
        self._open_until: float | None = None  # on the monotonic clock
        self._fails_with: str | None = None  # since when it was logged

    def call(self, operation: Callable[[], T]) -> T:
        """What `operation` returns.

        :raises RedisUnavailable: at once while the breaker is open, else after one timeout, or an answer.
        """
        if not self._admits():
            raise RedisUnavailable(self._fails_with)
        try:
            answer = operation()
        except RedisError as error:
            self._open_until = None if is_refusal(error) else time.monotonic() + self.REST
            self._log(cause(error), "redis refuses" if is_refusal(error) else "redis is unavailable")
            raise RedisUnavailable(cause(error)) from error
        self._open_until = self._fails_with = None
        return answer

    def _admits(self) -> bool:
        with self._lock:
            open_until = self._open_until  # a call that ends sets it beside the lock
            if open_until is None:
                return True
            rest_is_over = time.monotonic() >= open_until
            if rest_is_over:
                self._open_until = time.monotonic() + self.REST
            return rest_is_over

    def _log(self, cause: str, what: str) -> None:
        """Once until Redis works again, or fails otherwise."""
        with self._lock:
            known, self._fails_with = self._fails_with == cause, cause
        if not known:
            log.warning(what, extra={"purpose": self._purpose, "cause": cause})
