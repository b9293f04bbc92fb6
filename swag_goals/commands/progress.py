"""How far a long command is, and how long it will take, on stderr."""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

import click

T = TypeVar("T")

EVERY = 2.0  # seconds between two lines


def tracked(items: Sequence[T], doing: str) -> Iterator[T]:
    """The items, one after another. What is logged of each meanwhile would hide what matters."""
    began = told = time.monotonic()
    logging.disable(logging.INFO)
    try:
        for number, item in enumerate(items, 1):
            yield item
            now = time.monotonic()
            if now - told >= EVERY:
                told, left = now, timedelta(seconds=round((now - began) / number * (len(items) - number)))
                click.echo(f"{doing}: {number:,} of {len(items):,}, {left} left", err=True)
    finally:
        logging.disable(logging.NOTSET)
