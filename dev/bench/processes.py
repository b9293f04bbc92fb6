"""Processes as they are measured: the CPU time of one with all its children, its memory, and its rest."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


def tree(pid: int) -> list[psutil.Process]:
    """The process and its living children."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def cpu_seconds(pid: int) -> float:
    """User and system time of the tree so far; what its dead children used is missing."""
    times = [process.cpu_times() for process in tree(pid)]
    return sum(time.user + time.system for time in times)


def memory(pid: int) -> int:
    """Bytes that are in memory for the tree and for it alone."""
    return sum(process.memory_full_info().uss for process in tree(pid))


@contextmanager
def frozen(*pids: int) -> Iterator[None]:
    """The trees stand still; for seconds only, as their connections would break."""
    processes = [process for pid in pids for process in tree(pid)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()
