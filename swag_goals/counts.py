"""Counts of what happened, kept in Redis for all processes on all machines together.

A process counts in its memory and sends what it has with a pipeline that it executes anyway, so
that counting costs a request nothing. What Redis loses starts at zero again, which Prometheus
expects of counters; what the ledger knows is asked of MongoDB instead.
"""

import threading
import time
from bisect import bisect_left
from collections import Counter
from datetime import timedelta
from typing import cast

from redis import Redis, RedisError
from redis.client import Pipeline

KEY = "swag_goals:counts"
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)  # seconds


class Counts:
    """What this process has counted and Redis does not know yet. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._sent_at = float("-inf")  # on the monotonic clock

    def are_due(self, pause: timedelta) -> bool:
        """Whether nothing was sent for so long; for a process that sends no pipeline anyway."""
        return time.monotonic() - self._sent_at > pause.total_seconds()

    def add(self, name: str, label: str = "", amount: int = 1) -> None:
        """Count something; `label` is one of a few known words, never a user's."""
        with self._lock:
            self._counts[f"{name}|{label}"] += amount

    def observe(self, name: str, passed: timedelta) -> None:
        """Count a time in the bucket that it falls into."""
        seconds = max(passed.total_seconds(), 0.0)
        self.add(name, str(bisect_left(BUCKETS, seconds)))
        self.add(name, "ms", round(seconds * 1000))

    def send(self, pipeline: Pipeline) -> None:
        """Execute the pipeline, the counts with it; what Redis did not take is sent with the next one.

        :raises redis.RedisError: as `execute` does.
        """
        with self._lock:
            taken, self._counts, self._sent_at = self._counts, Counter(), time.monotonic()
        for field, amount in taken.items():
            pipeline.hincrby(KEY, field, amount)
        try:
            pipeline.execute()
        except RedisError:
            with self._lock:
                self._counts.update(taken)
            raise


counts = Counts()


def read(connection: Redis) -> Counter[tuple[str, str]]:
    """What all processes have counted, by name and label.

    :raises redis.RedisError: unknown.
    """
    fields = cast(dict[bytes, bytes], connection.hgetall(KEY))
    parts = ((field.decode().partition("|"), amount) for field, amount in fields.items())
    return Counter({(name, label): int(amount) for (name, _, label), amount in parts})
