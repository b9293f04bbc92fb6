"""The Procfile's processes as Heroku runs them: one dyno each, ended by SIGTERM and then SIGKILL."""

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dev.stack import procfile
from dev.stack.keeper import Program
from dev.stack.servers import log_of
from dev.stack.supervisor import StartError, Supervisor

KILL_AFTER = 30.0  # seconds after SIGTERM
BOOT_WITHIN = 60.0  # seconds for a web dyno to listen on PORT


class Dynos:
    """Dynos of the names in the Procfile, `release` left out, kept running by a supervisor.

    :param redis_url: the way to Redis without TLS, to ask RQ for its workers.
    """

    def __init__(
        self, supervisor: Supervisor, environment: Mapping[str, str], port: int, redis_url: str, folder: Path
    ) -> None:
        self._supervisor = supervisor
        lines = procfile.lines()
        self.names = tuple(name for name in lines if name != "release")
        self.logs = {name: log_of(name, folder) for name in self.names}
        self._programs = {
            "web": procfile.web(lines["web"], "web", environment, port, folder),
            "worker": Program(
                "worker",
                procfile.shell(lines["worker"]),
                environment,
                self.logs["worker"],
                ready=lambda pid: procfile.takes_jobs(redis_url, pid),
            ),
            "sweeper": procfile.other(lines["sweeper"], "sweeper", "sweeper", environment, folder),
        }

    def boot(self) -> float:
        """Start all for the first time; the seconds until the last one was ready.

        :raises StartError: one of them did not come up.
        """
        began = time.monotonic()
        self._supervisor.run(*self._programs.values(), timeout=BOOT_WITHIN)
        return time.monotonic() - began

    def restart(self, *names: str, frozen: bool = False) -> float:
        """End these side by side and wait for the next ones; the seconds until the last had ended.

        :param frozen: they are stopped and do not react to SIGTERM.
        :raises StartError: the next ones did not come up.
        """
        seconds = self._end(names, frozen)
        until = time.monotonic() + BOOT_WITHIN
        while not all(map(self._is_ready, names)):
            if time.monotonic() > until:
                raise StartError(f"Not all of {', '.join(names)} were ready after {BOOT_WITHIN:g} s.")
            time.sleep(0.05)
        return seconds

    def pids(self) -> list[int | None]:
        """The processes that run now."""
        return [self._supervisor.pid(name) for name in self.names]

    def _is_ready(self, name: str) -> bool:
        pid, ready = self._supervisor.pid(name), self._programs[name].ready
        return pid is not None and (ready is None or ready(pid))

    def _end(self, names: tuple[str, ...], frozen: bool) -> float:
        """The supervisor starts them again by itself."""
        running = {name: pid for name in names if (pid := self._supervisor.pid(name))}
        began = time.monotonic()
        for pid in running.values():
            if frozen:
                os.killpg(pid, signal.SIGSTOP)
            os.killpg(pid, signal.SIGTERM)
        while left := [pid for name, pid in running.items() if self._supervisor.pid(name) == pid]:
            if time.monotonic() - began >= KILL_AFTER:
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)
            time.sleep(0.05)
        return time.monotonic() - began
