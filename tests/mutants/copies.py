"""A copy of the project in which one line of the program is another, for a test to run in."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.stack.keeper import ROOT

LINKED = (".venv", "dev/stack/node/node_modules", "tests/node/node_modules")
LEFT_OUT = (".git", ".local", ".venv", "node_modules", "__pycache__", ".*_cache", ".hypothesis", "_build")
TIMEOUT = 600  # seconds
FAILED = 1  # by pytest; with another code an error is no verdict


class Stale(Exception):
    """The line is not in the program, or more than once: the table has to follow."""


class NotRun(Exception):
    """The tests came to no verdict; the message has what pytest said."""


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the project; what is large is linked."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "swag_goals"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name in LINKED:
            if (ROOT / name).exists():
                (copy / name).symlink_to(ROOT / name)
        yield copy


def mutated(source: str, old: str, new: str) -> str:
    """The source with the one line changed.

    :raises Stale: it is not there once.
    """
    if source.count(old) != 1:
        raise Stale(f"{source.count(old)} times: {old}")
    return source.replace(old, new)


def failing(copy: Path, path: str, old: str, new: str, *tests: str) -> str | None:
    """The first test that fails with `new` in place of `old`, of those that pytest is given; None where none does.

    :raises Stale: `old` is not in the program once.
    :raises NotRun: the tests came to no verdict.
    """
    file = copy / "swag_goals" / path
    source = file.read_text()
    file.write_text(mutated(source, old, new))
    try:
        return _failing(copy, *tests)
    finally:
        file.write_text(source)


def _failing(copy: Path, *tests: str) -> str | None:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if ran.returncode == 0:
        return None
    # One that is signalled too late, since it waits no more, fails first and is interrupted then.
    words = "FAILED|ERROR" if ran.returncode == FAILED else "FAILED"
    failures = re.findall(rf"^(?:{words}) (tests/\S+)", ran.stdout, re.MULTILINE)
    if not failures:
        raise NotRun(f"{tests[0]} did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return failures[0]
