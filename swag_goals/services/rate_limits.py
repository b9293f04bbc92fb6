"""Rate limits: how often a goal, and a streamer's goals together, may be extended."""

import time

from limits import RateLimitItem
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from swag_goals.connections import RedisAway, RedisCircuit


class LimitExceeded(Exception):
    """Too many extensions; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


class RateLimits:
    """Counted in Redis for all processes. Without Redis everything passes: it is paid time."""

    def __init__(
        self, circuit: RedisCircuit, url: str, goal: RateLimitItem | None, streamer: RateLimitItem | None
    ) -> None:
        self._circuit = circuit
        storage = RedisStorage(url, connection_pool=circuit.client.connection_pool)
        self._limiter = FixedWindowRateLimiter(storage)
        self._goal = goal
        self._streamer = streamer

    def hit(self, goal_id: str, streamer_id: str) -> None:
        """Count one extension.

        :raises LimitExceeded: by the goal's limit or the streamer's.
        """
        for limit, subject in ((self._goal, f"goal:{goal_id}"), (self._streamer, f"streamer:{streamer_id}")):
            if limit is not None:
                self._hit(limit, subject)

    def _hit(self, limit: RateLimitItem, subject: str) -> None:
        try:
            if self._circuit.ask(lambda: self._limiter.hit(limit, subject)):
                return
            reset = self._circuit.ask(lambda: self._limiter.get_window_stats(limit, subject)).reset_time
        except RedisAway:
            return
        raise LimitExceeded(max(1, int(reset - time.time()) + 1))
