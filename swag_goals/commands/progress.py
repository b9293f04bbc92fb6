"""How far a long command is, on stderr: a bar with the time left, or now and then a line where it is no terminal."""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")

EVERY = 5.0  # seconds between two lines


def tracked(items: Sequence[T], doing: str) -> Iterator[T]:
    """The items, one after another."""
    console = Console(stderr=True, highlight=False)
    logging.disable(logging.INFO)  # a line for each would hide what matters
    try:
        yield from track(items, doing, console=console) if console.is_terminal else _told(items, doing, console)
    finally:
        logging.disable(logging.NOTSET)


def _told(items: Sequence[T], doing: str, console: Console) -> Iterator[T]:
    began = told = time.monotonic()
    for number, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - told >= EVERY:
            told, left = now, (now - began) / number * (len(items) - number)
            console.print(f"{doing}: {number:,} of {len(items):,}, {timedelta(seconds=round(left))} left")
