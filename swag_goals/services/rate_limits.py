"""Rate limits: how often a goal, and a streamer's goals together, may be extended."""

import math
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from bson import ObjectId

from swag_goals.circuit_breaker import CircuitBreaker, RedisUnavailable
from swag_goals.settings import Rate

# Adds a member to every window unless one of them is full; answers with the places of those that are.
_ADD = """
local full = {}
for place, window in ipairs(KEYS) do
  local known = redis.call('SISMEMBER', window, ARGV[1]) == 1
  if not known and redis.call('SCARD', window) >= tonumber(ARGV[2 * place]) then table.insert(full, place) end
end
if #full == 0 then
  for place, window in ipairs(KEYS) do
    redis.call('SADD', window, ARGV[1])
    redis.call('EXPIRE', window, ARGV[2 * place + 1])
  end
end
return full
"""


class LimitExceeded(Exception):
    """Too many extensions, or requests for some; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after


@dataclass(frozen=True)
class RateLimits:
    """Counted in Redis for all processes. Without Redis everything passes: it is paid time."""

    breaker: CircuitBreaker
    goal: Rate | None
    streamer: Rate | None
    requests: Rate | None

    def count_request(self, jti: str) -> None:
        """Count one request by a token, whatever becomes of it; for what is dear to refuse.

        :raises LimitExceeded: too many.
        """
        if (rate := self.requests) is None:
            return
        now = time.time()
        window = _window(f"token:{sha256(jti.encode(errors='surrogatepass')).hexdigest()}", rate, now)
        pipeline = self.breaker.client.pipeline(transaction=False)
        pipeline.incr(window)
        pipeline.expire(window, 2 * rate.seconds)
        with suppress(RedisUnavailable):
            number, _ = self.breaker.call(pipeline.execute)
            if number > rate.amount:
                raise LimitExceeded(_seconds_left(rate, now))

    def count(self, extension_id: ObjectId, goal_id: str, streamer_id: str) -> None:
        """Count one extension, in one round trip for both limits; repeats that are under way beside it count once.

        :raises LimitExceeded: by the goal's limit or the streamer's; it is not counted then.
        """
        now = time.time()
        subjects = ((f"goal:{goal_id}", self.goal), (f"streamer:{streamer_id}", self.streamer))
        windows = {_window(subject, rate, now): rate for subject, rate in subjects if rate}
        if not windows:
            return
        rates = list(windows.values())
        limits = [number for rate in rates for number in (rate.amount, 2 * rate.seconds)]
        try:
            # In full and not by its hash: to a Redis that does not know that yet, it would be three round trips.
            full = self.breaker.call(
                lambda: self.breaker.client.eval(_ADD, len(windows), *windows, extension_id.binary, *limits)
            )
        except RedisUnavailable:
            return
        if full:
            exceeded = [rates[place - 1] for place in full]
            raise LimitExceeded(max(_seconds_left(rate, now) for rate in exceeded))


def _seconds_left(rate: Rate, now: float) -> int:
    return math.ceil(rate.seconds - now % rate.seconds)


def _window(subject: str, rate: Rate, now: float) -> str:
    return f"swag_goals:limit:{subject}:{int(now // rate.seconds)}"
