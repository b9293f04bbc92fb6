"""Rate limits: how often a goal, and a streamer's goals together, may be extended."""

import math
import time

from bson import ObjectId

from swag_goals.connections import RedisAway, RedisCircuit
from swag_goals.settings import Rate


class LimitExceeded(Exception):
    """Too many extensions; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


class RateLimits:
    """Counted in Redis for all processes, in one round trip for both limits.

    What is counted is extensions, not requests: repeats of one that are under way at the same
    time count once. Without Redis everything passes: it is paid time.
    """

    def __init__(self, circuit: RedisCircuit, goal: Rate | None, streamer: Rate | None) -> None:
        self._circuit = circuit
        self._goal = goal
        self._streamer = streamer

    def count(self, extension_id: ObjectId, goal_id: str, streamer_id: str) -> None:
        """Count one extension.

        :raises LimitExceeded: by the goal's limit or the streamer's; it is not counted then.
        """
        now = time.time()
        subjects = ((f"goal:{goal_id}", self._goal), (f"streamer:{streamer_id}", self._streamer))
        windows = [(_window(subject, rate, now), rate) for subject, rate in subjects if rate]
        try:
            counts = self._circuit.ask(lambda: self._add(windows, extension_id.binary)) if windows else []
        except RedisAway:
            return
        exceeded = [rate for (_, rate), count in zip(windows, counts, strict=True) if count > rate.amount]
        if exceeded:
            self._forget(windows, extension_id.binary)
            raise LimitExceeded(max(math.ceil(rate.seconds - now % rate.seconds) for rate in exceeded))

    def _add(self, windows: list[tuple[str, Rate]], member: bytes) -> list[int]:
        with self._circuit.client.pipeline(transaction=False) as pipeline:
            for window, rate in windows:
                pipeline.sadd(window, member)
                pipeline.expire(window, 2 * rate.seconds)
                pipeline.scard(window)
            return pipeline.execute()[2::3]

    def _forget(self, windows: list[tuple[str, Rate]], member: bytes) -> None:
        try:
            self._circuit.ask(lambda: [self._circuit.client.srem(window, member) for window, _ in windows])
        except RedisAway:
            return


def _window(subject: str, rate: Rate, now: float) -> str:
    return f"swag_goals:limit:{subject}:{int(now // rate.seconds)}"
