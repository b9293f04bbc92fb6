"""Reads of the drill's own, which must be answered while MongoDB's members change places."""

import time
from collections.abc import Callable
from typing import TypeVar

from pymongo.errors import PyMongoError

T = TypeVar("T")

WITHIN = 60.0  # seconds
PAUSE = 0.2  # seconds


def until_answered(read: Callable[[], T]) -> T:
    """What it returns. A primary that is frozen answers nobody, and its connections break when it comes back.

    :raises PyMongoError: there is still no answer after a minute.
    """
    until = time.monotonic() + WITHIN
    while True:
        try:
            return read()
        except PyMongoError:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)
