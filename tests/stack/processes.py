"""What tests look up about processes."""

import psutil


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def with_children(*pids: int) -> list[int]:
    """The processes and all beneath them."""
    return [*pids, *(child.pid for pid in pids for child in psutil.Process(pid).children(recursive=True))]
