"""Terminals in which the steps of a page are played, as a reader would."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from dev.stack.stack import SETTINGS
from tests.docs.console import MAIN, Shown, Step

WITHIN = 60.0  # seconds for a step
STOPPED_WITHIN = 20.0
OVER = "The step is over, with status"


class Terminals:
    """Context manager: a shell for each terminal that is used, all in one folder.

    In the main one a step is over when its command is, with status 0. In the others programs go
    on running: there it is over when what the page shows was shown.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shells: dict[str, _Shell] = {}
        self._shown = Shown()

    def __enter__(self) -> "Terminals":
        return self

    def __exit__(self, *_: object) -> None:
        for shell in reversed(self._shells.values()):
            shell.close()

    def play(self, step: Step) -> None:
        """Type what the step says.

        :raises AssertionError: something else is shown than the page says.
        """
        if step.terminal not in self._shells:
            self._shells[step.terminal] = _Shell(self._folder)
        shell = self._shells[step.terminal]
        if step.typed:
            shell.type(step.typed)
        if step.terminal == MAIN:
            shell.type(f'echo "\n{OVER} $?"')
            real = shell.read(lambda text: (over := re.search(rf"{OVER} \d+\n", text)) and over.end())
            page = f"{step.shown}\n\n{OVER} 0" if step.shown else f"{OVER} 0"
            assert self._shown.begins(real, page), f"{step.typed}\n\nThe page says:\n{page}\n\nIt is:\n{real}"
        elif step.shown:
            shell.read(lambda text: self._shown.begins(text, step.shown))


class _Shell:
    """One terminal: a shell, and what is shown in it, without prompts and spaces at the ends of lines."""

    def __init__(self, folder: Path) -> None:
        environment = {name: os.environ[name] for name in ("PATH", *SETTINGS) if name in os.environ}
        self._text = ""
        self._process = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={**environment, "HOME": str(folder), "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout

    def type(self, text: str) -> None:
        self._in.write(f"{text}\n".encode())

    def read(self, end_of: Callable[[str], int | None]) -> str:
        """What was shown, as soon as `end_of` knows where that ends."""
        deadline = time.monotonic() + WITHIN
        while not (end := end_of(self._text)):
            ready, _, _ = select.select([self._out], [], [], max(deadline - time.monotonic(), 0))
            more = self._out.read(65536) if ready else b""
            assert more, f"Not what the page says, or not within {WITHIN:g} s:\n{self._text}"
            self._text = _plain(self._text + more.decode())
        shown, self._text = self._text[:end], self._text[end:].lstrip()
        return shown

    def close(self) -> None:
        """As Ctrl-C and Ctrl-D do."""
        self._in.close()
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._out.close()


def _plain(text: str) -> str:
    return re.sub(r"[ \r]+\n", "\n", re.sub(r"^(>>> )+", "", text, flags=re.MULTILINE)).lstrip()
