"""Starts programs, waits until they are ready, keeps them running and ends them all together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from dev.stack import guard
from dev.stack.keeper import Keeper, Program

GRACE = 8.0  # seconds to end after being asked to, before the whole group is killed
LIVED = 1.0  # seconds after which a program without a check of its own counts as ready


class StartError(Exception):
    """A program did not become ready; the message ends with the last lines of its log."""


class Supervisor:
    """Context manager: nothing that it started outlives it, however this process ends.

    :param on_pids: called with {name: pid} of what runs whenever that changes, one call at a time.
    """

    def __init__(self, on_pids: Callable[[Mapping[str, int]], None] = lambda pids: None) -> None:
        self._on_pids = on_pids
        self._keepers: dict[str, Keeper] = {}
        self._notifying = threading.Lock()
        # In a session of its own, so that a Ctrl-C does not end it before its time.
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__], stdin=subprocess.PIPE, start_new_session=True
        )

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, *programs: Program, timeout: float = 60.0) -> None:
        """Start new programs side by side and wait until all are ready.

        :raises StartError: when one ends or takes longer than `timeout` seconds.
        """
        assert self._guard.stdin
        for program in programs:
            self._keepers[program.name] = Keeper(program, self._guard.stdin.fileno(), self._notify)
        self.start(*(program.name for program in programs), timeout=timeout)

    def start(self, *names: str, timeout: float = 60.0) -> None:
        """Start programs that were stopped, and wait until all are ready, as `run` does."""
        keepers = [self._keepers[name] for name in names]
        began = time.monotonic()
        for keeper in keepers:
            keeper.start()
        for keeper in keepers:
            await_ready(keeper, began, timeout)

    def stop(self, *names: str, sig: int = signal.SIGTERM, grace: float = GRACE) -> None:
        """End programs side by side, and leave them stopped until `start`."""
        keepers = [self._keepers[name] for name in names]
        deadline = time.monotonic() + grace
        for keeper in keepers:
            keeper.halt(sig)
        for keeper in keepers:
            keeper.wait_stopped(deadline - time.monotonic())

    def signal(self, name: str, sig: int) -> None:
        """Send a signal to the process of that name; if it dies of it, it is started again.

        :raises ProcessLookupError: when it is not running.
        """
        self._keepers[name].signal(sig)

    def pid(self, name: str) -> int | None:
        """The process of that name; None while it is down."""
        return self._keepers[name].pid

    def close(self) -> None:
        """End everything that still runs; at once, when it is interrupted."""
        assert self._guard.stdin
        try:
            self.stop(*self._keepers)
        finally:
            self._guard.stdin.close()
            self._guard.wait()

    def _notify(self) -> None:
        with self._notifying:
            self._on_pids({name: pid for name, keeper in self._keepers.items() if (pid := keeper.pid)})


def await_ready(keeper: Keeper, began: float, timeout: float) -> None:
    """Wait until the program is ready.

    :param began: when it was started, on the monotonic clock.
    :raises StartError: when it ended, or was not ready `timeout` seconds after that.
    """
    program = keeper.program
    ready = program.ready or (lambda pid: time.monotonic() - began >= LIVED)
    while not ((pid := keeper.pid) and ready(pid)):
        if keeper.last_status is not None:
            problem = f"{program.name} ended with status {keeper.last_status} while it started"
        elif time.monotonic() - began > timeout:
            problem = f"{program.name} was not ready after {timeout:g} s"
        else:
            time.sleep(0.02)
            continue
        raise StartError(f"{problem}. Its last lines:\n{last_lines(program.log)}")


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a log, at most 8 KiB of it."""
    with log.open("rb") as file:
        file.seek(max(os.fstat(file.fileno()).st_size - 8192, 0))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
