"""Waiting for a condition instead of sleeping for luck."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(what: Callable[[], T], within: float = 30.0) -> T:
    """What `what` returns as soon as that is true; AssertionError after `within` seconds."""
    until = time.monotonic() + within
    while not (found := what()):
        assert time.monotonic() < until, f"not within {within:g} s"
        time.sleep(0.02)
    return found
