"""One process that is kept running."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
FIRST_DELAY = 0.2  # seconds before the first restart; each further one waits twice as long
MAX_DELAY = 5.0
GOOD_RUN = 3.0  # seconds after which a death counts as the first one again
DEAD_WITHIN = 5.0  # seconds for the kernel to take down what was killed


@dataclass(frozen=True)
class Program:
    """What to run, with its whole environment, and how to tell that it is ready.

    Each runs in the repository's folder. `ready` is asked with the process id; without it a program
    counts as ready when it has lived for a second. With `restart` it is started again whenever it
    ends unasked.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[int], bool] | None = None
    restart: bool = True


class Keeper:
    """Runs a program in a process group of its own, and again when it dies, until it is stopped.

    :param guard: the file descriptor on which the guard gets the groups.
    :param changed: called, from any thread, whenever `pid` has changed.
    """

    def __init__(self, program: Program, guard: int, changed: Callable[[], None]) -> None:
        self.program = program
        self._guard = guard
        self._changed = changed
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        self.last_status: int | None = None  # how it ended last, since it was started

    @property
    def pid(self) -> int | None:
        """The process that runs now; None between a death and the restart, and when stopped."""
        process = self._process
        return process.pid if process else None

    def start(self) -> None:
        """Run the program; does nothing if it is kept running already."""
        if self._thread and self._thread.is_alive():
            return
        self._halt = threading.Event()
        self.last_status = None
        process = self._spawn()
        self._thread = threading.Thread(target=self._keep, args=(process,), name=self.program.name, daemon=True)
        self._thread.start()

    def halt(self, sig: int) -> None:
        """Ask the process to end, and do not start it again."""
        with self._lock:
            self._halt.set()
            if self._process:
                self._process.send_signal(sig)
                self._process.send_signal(signal.SIGCONT)  # a frozen one does not react to the first

    def wait_stopped(self, seconds: float) -> None:
        """Wait until it has ended after `halt`; kill its whole group when it takes longer."""
        if not self._thread:
            return
        self._thread.join(max(seconds, 0))
        if self._thread.is_alive() and (group := self.pid):
            kill_group(group)
        self._thread.join()

    def signal(self, sig: int) -> None:
        """Send a signal to the process, not to its children.

        :raises ProcessLookupError: when it is not running.
        """
        with self._lock:
            if not self._process:
                raise ProcessLookupError(f"{self.program.name} is not running")
            self._process.send_signal(sig)

    def _keep(self, process: subprocess.Popen[bytes]) -> None:
        delay = FIRST_DELAY
        while True:
            started = time.monotonic()
            status = process.wait()
            self._bury(process, status)
            if time.monotonic() - started >= GOOD_RUN:
                delay = FIRST_DELAY
            if not self.program.restart or self._halt.wait(delay):
                return
            delay = min(delay * 2, MAX_DELAY)
            with self._lock:
                if self._halt.is_set():
                    return
                process = self._run()
            self._changed()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._lock:
            process = self._run()
        self._changed()
        return process

    def _run(self) -> subprocess.Popen[bytes]:
        # The process itself gives the guard its group before it becomes the program: its copy of
        # the pipe holds the guard back until then, so no moment is left in which it could be orphaned.
        register = 'echo $$ >&0; exec "$@" </dev/null'
        with self.program.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", register, "sh", *self.program.command],
                cwd=ROOT,
                env=self.program.environment,
                stdin=self._guard,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self._process

    def _bury(self, process: subprocess.Popen[bytes], status: int) -> None:
        """Kill what is left of the dead process' group, such as workers that hold its port."""
        with self._lock:
            self._process = None
            self.last_status = status
        self._changed()
        kill_group(process.pid)
        os.write(self._guard, b"-%d\n" % process.pid)


def kill_group(group: int) -> None:
    """Kill a process group, and wait until none of it runs any more."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + DEAD_WITHIN
    while time.monotonic() < deadline and any(runs_in(group, pid) for pid in psutil.pids()):
        time.sleep(0.01)


def runs_in(group: int, pid: int) -> bool:
    """Whether the process is one of the group and more than a zombie, which holds no port."""
    try:
        return os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
        return False
