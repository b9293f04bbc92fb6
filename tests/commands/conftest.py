"""The commands in this process, on real servers."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """What it printed with `--json`."""
        return json.loads(self.stdout)


Run = Callable[..., Ended]


@pytest.fixture
def flask(app: Flask) -> Run:
    """Run `flask ...` to its end."""

    def run(*words: str) -> Ended:
        with app.app_context():  # as `flask` itself does
            result = app.test_cli_runner().invoke(args=words)
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run


def cut_off(read: Callable[[Any], Iterator[tuple[Any, Any]]]) -> Iterator[Any]:
    """In place of `ledger_stream.resumed`: each piece is read anew, behind the one before, as after a failover."""
    after = None
    while found := next(read(after), None):
        assert found[0] != after, "the same once more, and so for ever"
        after, item = found
        yield item
