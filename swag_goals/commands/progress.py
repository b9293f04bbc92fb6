"""How far a long command is, on stderr: a bar with the time left, or now and then a line where it is no terminal."""

import logging
import time
from collections.abc import Iterable, Iterator, Sized
from datetime import timedelta
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")

EVERY = 5.0  # seconds between two lines


class Stderr(Console):
    """Rich's console on stderr; where nobody reads it any more, that is an error as any other."""

    def __init__(self, **options: Any) -> None:
        super().__init__(stderr=True, highlight=False, **options)

    def on_broken_pipe(self) -> None:
        """In place of Rich's, which ends the process by a status of its own."""
        raise  # noqa: PLE0704 - the error that Rich calls this for


def tracked(items: Iterable[T], doing: str, total: int | None = None) -> Iterator[T]:
    """The items, one after another; `total` of them, unless they know it themselves or nobody does."""
    console = Stderr()
    total = len(items) if isinstance(items, Sized) else total
    logging.disable(logging.INFO)  # what is logged of each would hide what matters
    try:
        if console.is_terminal:
            yield from track(items, doing, total, console=console, transient=True)
        else:
            yield from _said(items, doing, total, console)
    finally:
        logging.disable(logging.NOTSET)


def _said(items: Iterable[T], doing: str, total: int | None, console: Console) -> Iterator[T]:
    began = said = time.monotonic()
    for number, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - said >= EVERY:
            said, of = now, ""
            if total:
                left = max(0, (now - began) / number * (total - number))
                of = f" of {total:,}, {timedelta(seconds=round(left))} left"
            console.print(f"{doing}: {number:,}{of}")
