"""Waits for MongoDB that overlap, in the threads of one process."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from bson import ObjectId

from swag_goals.documents.extension import Extension

T = TypeVar("T")

THREADS = 10


def for_each_session(do: Callable[[list[Extension]], list[T]], extensions: Iterable[Extension]) -> list[T]:
    """What comes of the extensions of each session, sessions side by side. A single one waits for no thread."""
    sessions: dict[ObjectId, list[Extension]] = {}
    for extension in extensions:
        sessions.setdefault(extension.session_id, []).append(extension)
    made = (map if len(sessions) == 1 else _threads().map)(do, sessions.values())
    return [each for some in made for each in some]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="attempt")
