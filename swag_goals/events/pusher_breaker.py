"""The circuit breaker for Pusher: one that is unavailable is left alone, and one call finds out whether it is back."""

import threading
import time

from swag_goals.time_limits import MAX_PUSHER_REST, PUSHER_REST, PUSHER_TIMEOUT

MAX_FAILURES = 3  # in a row; a Pusher that answers now and then is asked on


class PusherBreaker:
    """Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    @property
    def answers(self) -> bool:
        """Whether the last call was answered well, or none was made."""
        return self._failures == 0

    @property
    def resting(self) -> bool:
        """Whether no call may be made now."""
        return self._failures >= MAX_FAILURES and time.monotonic() < self._rests_until

    def admits(self) -> bool:
        """Whether this call may be made; after a rest one may, and the others wait for what it finds out."""
        with self._lock:
            if self.resting:
                return False
            self._rests_until = time.monotonic() + PUSHER_TIMEOUT.total_seconds()
            return True

    def succeeded(self) -> None:
        """Pusher took a call."""
        with self._lock:
            self._failures = 0

    def failed(self, *, silent: bool, retry_after: float = 0.0) -> None:
        """It did not. A `silent` one is left alone at once, and one that asks for it as many seconds."""
        with self._lock:
            self._failures = MAX_FAILURES if silent or retry_after else self._failures + 1
            rest = min(max(retry_after, PUSHER_REST.total_seconds()), MAX_PUSHER_REST.total_seconds())
            self._rests_until = time.monotonic() + rest
