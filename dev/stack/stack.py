"""The whole system on this machine: its servers, and the processes of the Procfile on top of them."""

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from signal import SIGTERM
from typing import Any

from dev.stack import procfile, servers
from dev.stack.folder import private_folder
from dev.stack.keeper import Program
from dev.stack.ports import Ports
from dev.stack.supervisor import Supervisor

EVERYTHING = {"web": 1, "worker": 1, "sweeper": 1}
# For who presses more often than people may.
LIMITLESS = {"RATE_LIMIT_GOAL": "", "RATE_LIMIT_STREAMER": "", "RATE_LIMIT_REQUESTS": ""}
SERVERS = ("MONGODB_URI", "REDIS_URL", "PUSHER_URL")
SETTINGS = (*SERVERS, "PUSHER_WS_URL", "JWT_KEYS", "CORS_ORIGINS", "ADMISSION_SECRET")


def foreign_servers() -> list[str]:
    """Sentences that say which servers are the environment's, and not started here: what runs writes there."""
    given = {name: os.environ[name] for name in SERVERS if name in os.environ}
    return [f"Using {name} of the environment, {url.rpartition('@')[2]}" for name, url in given.items()]


class Stack:
    """Context manager: on entry everything is started and ready, on exit nothing is left of it.

    A server whose address is in `settings` or in the environment (MONGODB_URI, REDIS_URL, PUSHER_URL)
    is used and not started. Names are those of the Procfile (`worker-1`, `worker-2` when there are
    several), and `mongod-1`.., `redis` and `pusher`.

    :param members: of MongoDB's replica set, 1 or 3.
    :param processes: how many of which of the Procfile; {} starts the servers alone.
    :param settings: environment variables for those processes, above this process' own.
    :param lines: the Procfile as {name: command}.
    :param say: called with a few words of what happens next.
    :param on_pids: called with {name: pid} whenever that changes.
    :param altered: a program as it is started instead, with another environment, say.
    :param reached: by their own ports, those at which the others and clients reach MongoDB's members.
    :raises StartError: on entry, when something does not come up; its logs are kept then.
    :raises NotBundled: on entry, when a server is neither bundled for this platform nor given.
    """

    def __init__(
        self,
        members: int = 1,
        processes: Mapping[str, int] = EVERYTHING,
        *,
        settings: Mapping[str, str] | None = None,
        lines: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda text: None,
        on_pids: Callable[[Mapping[str, int]], None] = lambda pids: None,
        altered: Callable[[Program], Program] = lambda program: program,
        reached: Callable[[Sequence[int]], Sequence[int]] = lambda ports: ports,
    ) -> None:
        self._members = members
        self._processes = processes
        self._lines = lines or procfile.lines()
        self._given = {name: os.environ[name] for name in SETTINGS if name in os.environ} | dict(settings or {})
        self._say = say
        self._on_pids = on_pids
        self._altered = altered
        self._reached = reached
        self._exit = ExitStack()
        #: MONGODB_URI, REDIS_URL, PUSHER_URL, PUSHER_WS_URL, JWT_KEYS, CORS_ORIGINS, ADMISSION_SECRET, and API_URL
        #: if there is a web.
        self.settings: dict[str, str] = {}
        #: The address of each web process by its name.
        self.urls: dict[str, str] = {}

    def __enter__(self) -> "Stack":
        with ExitStack() as exit_stack:
            #: Of this run alone, gone after it.
            self.folder = exit_stack.enter_context(private_folder())
            self._ports = exit_stack.enter_context(Ports())
            self._supervisor = exit_stack.enter_context(Supervisor(self._on_pids))
            self._start_servers()
            if self._processes:
                self._start_processes(exit_stack)
            self._exit = exit_stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._say("Stopping")
        self._exit.__exit__(*error)

    def signal(self, name: str, sig: int) -> None:
        """Send a signal to a process; if it dies of it, it is started again.

        :raises ProcessLookupError: when it is not running.
        """
        self._supervisor.signal(name, sig)

    def pid(self, name: str) -> int | None:
        """The process of that name; None while it is down."""
        return self._supervisor.pid(name)

    def stop(self, name: str, sig: int = SIGTERM) -> None:
        """End a process and leave it stopped until `start`."""
        self._supervisor.stop(name, sig=sig)

    def start(self, name: str) -> None:
        """Start a process that was stopped, with the same port and data, and wait until it is ready.

        :raises StartError: when it does not come up.
        """
        self._supervisor.start(name)

    def logs(self, name: str) -> str:
        """What the process has printed so far, over all its restarts."""
        return servers.log_of(name, self.folder).read_text(errors="replace")

    def _start_servers(self) -> None:
        programs: list[Program] = []
        found: dict[str, str] = {}
        members = [self._ports.take() for _ in range(self._members)]
        if "MONGODB_URI" not in self._given:
            programs += (servers.mongod(f"mongod-{n}", port, self.folder) for n, port in enumerate(members, 1))
        if "REDIS_URL" not in self._given:
            port = self._ports.take()
            programs.append(servers.redis("redis", port, self.folder))
            found["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
        if "PUSHER_URL" not in self._given:
            program, url = servers.pusher("pusher", self._ports.take(), self._ports.take(), self.folder)
            programs.append(program)
            found["PUSHER_URL"] = url
        for sentence in foreign_servers():
            self._say(sentence)
        if programs:
            self._say(f"Starting {', '.join(program.name for program in programs)}")
            self._supervisor.run(*map(self._altered, programs))
        if "MONGODB_URI" not in self._given:
            found["MONGODB_URI"] = servers.initiate(self._reached(members))
        self.settings = self._settings(found)

    def _settings(self, found: Mapping[str, str]) -> dict[str, str]:
        defaults = {
            **found,
            "JWT_KEYS": json.dumps({secrets.token_hex(4): secrets.token_hex(32)}, separators=(",", ":")),
            "CORS_ORIGINS": "https://swag.live",
            "ADMISSION_SECRET": secrets.token_hex(32),
        }
        settings = {**defaults, **self._given}
        settings.setdefault("PUSHER_WS_URL", servers.websocket_url(settings["PUSHER_URL"]))
        return settings

    def _start_processes(self, exit_stack: ExitStack) -> None:
        environment = procfile.environment(self.settings)
        if "release" in self._lines:
            self._say("Running the release line of the Procfile")
            procfile.release(self._lines["release"], environment, self.folder)
        programs = [
            self._program(kind, kind if count == 1 else f"{kind}-{n}", environment)
            for kind, count in self._processes.items()
            for n in range(1, count + 1)
        ]
        names = [program.name for program in programs]
        self._say(f"Starting {', '.join(names)}")
        # Before the servers, so that none of them is missed while the last work is finished.
        exit_stack.callback(self._supervisor.stop, *names)
        self._supervisor.run(*map(self._altered, programs))

    def _program(self, kind: str, name: str, environment: Mapping[str, str]) -> Program:
        if kind != "web":
            return procfile.other(self._lines[kind], kind, name, environment, self.folder)
        port = int(self._given.get("PORT") or self._ports.take())
        self.urls[name] = f"http://127.0.0.1:{port}"
        self.settings.setdefault("API_URL", self.urls[name])
        return procfile.web(self._lines["web"], name, environment, port, self.folder)
