"""Which part was down from when until when."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Outage:
    """A part's time down, in seconds of the epoch; `back` is None as long as it lasts."""

    part: str
    began: float
    back: float | None = None


class Outages:
    """Notes them, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.all: list[Outage] = []

    def watcher(self) -> Callable[[Mapping[str, int]], None]:
        """For a Stack's `on_pids`: a process is back when it runs again, long before it is ready."""
        before: dict[str, int] = {}

        def watch(pids: Mapping[str, int]) -> None:
            for name in before.keys() - pids.keys():
                self._begin(name)
            for name in pids.keys() - before.keys():
                self._end(name)
            before.clear()
            before.update(pids)

        return watch

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """An outage that lasts as long as the block."""
        self._begin(part)
        yield
        self._end(part)

    def last_return(self, after: float, until: float) -> float:
        """When the last part ran again that was down at some time in between; else `after`."""
        with self._lock:
            returns = [each.back for each in self.all if each.back is not None and after <= each.back <= until]
        return max(returns, default=after)

    def _begin(self, part: str) -> None:
        with self._lock:
            self.all.append(Outage(part, time.time()))

    def _end(self, part: str) -> None:
        with self._lock:
            for outage in self.all:
                if outage.part == part and outage.back is None:
                    outage.back = time.time()
