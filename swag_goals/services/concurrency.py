"""Waits for MongoDB that overlap, in the threads of one process."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

THREADS = 10


def concurrently(do: Callable[[T], list[U]], items: list[T]) -> list[U]:
    """What comes of all items together, in their order. A single one waits for no thread."""
    made = map(do, items) if len(items) == 1 else _threads().map(do, items)
    return [each for some in made for each in some]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="attempt")
