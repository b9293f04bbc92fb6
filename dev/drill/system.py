"""The whole system as a drill needs it: with a faulty way to Pusher, marks in its processes, and a listener."""

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bson import ObjectId
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from dev.drill import clocks, slow_disk
from dev.drill.history import History
from dev.drill.links import OPTION, Links
from dev.drill.marks import Marks
from dev.drill.outages import Outages
from dev.drill.pusher_proxy import PusherProxy
from dev.stack.keeper import Program
from dev.stack.listener import Listener
from dev.stack.stack import EVERYTHING, LIMITLESS, Stack


class System:
    """Context manager: all of it runs on entry, and nothing is left on exit.

    :param members: of MongoDB's replica set.
    :param processes: how many of which of the Procfile.
    :param faults: which share of the calls to Pusher go wrong, 0 to 1.
    :param lines: the Procfile, if it is not the program's.
    :param apart: whether all clocks are wrong, ways between members can be cut, and their disks made slow.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        chance: random.Random,
        *,
        members: int = 1,
        processes: Mapping[str, int] = EVERYTHING,
        faults: float = 0.0,
        lines: Mapping[str, str] | None = None,
        apart: bool = False,
    ) -> None:
        self._say, self._chance = say, chance
        self._members, self._processes, self._faults, self._lines = members, processes, faults, lines
        self._apart = apart
        self.outages = Outages()
        #: Seconds that each member's and each process' clock is ahead.
        self.clocks: dict[str, float] = {}

    def __enter__(self) -> "System":
        with ExitStack() as parts:
            self._set_clocks(parts)
            self.links = parts.enter_context(Links())
            self.servers = self._servers()
            parts.enter_context(self.servers)
            (self.servers.folder / "marks").mkdir()
            self.marks = Marks(self.servers.folder / "marks")
            settings = self.servers.settings
            self.proxy = parts.enter_context(PusherProxy(settings["PUSHER_URL"], self._faults, self._chance))
            self.listener = parts.enter_context(Listener(settings, []))
            self.program = parts.enter_context(self._program())
            client = MongoClient[dict[str, Any]](settings["MONGODB_URI"], w="majority", readConcernLevel="majority")
            self._client = parts.enter_context(client)
            self.history = parts.enter_context(History(settings["MONGODB_URI"]))
            self.database = client.get_default_database(codec_options=CodecOptions(tz_aware=True))
            self._exit = parts.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._exit.__exit__(*error)

    @property
    def names(self) -> list[str]:
        """Of the program's processes."""
        return [
            kind if count == 1 else f"{kind}-{number}"
            for kind, count in self._processes.items()
            for number in range(1, count + 1)
        ]

    @property
    def urls(self) -> list[str]:
        """The addresses of the web processes."""
        return list(self.program.urls.values())

    @property
    def members(self) -> dict[tuple[str, int | None], str]:
        """The processes of MongoDB by their addresses."""
        nodes = parse_uri(self.servers.settings["MONGODB_URI"])["nodelist"]
        return {node: f"mongod-{number}" for number, node in enumerate(nodes, 1)}

    def primary(self) -> str | None:
        """Which of them is the primary, as far as is known; None without one."""
        known = self._client.primary
        return self.members[known] if known else None

    def election(self) -> ObjectId | None:
        """Which one the primary has won, as far as is known."""
        servers = self._client.topology_description.server_descriptions().values()
        return max((server.election_id for server in servers if server.election_id), default=None)

    @contextmanager
    def slow_disk(self, member: str, seconds: float) -> Iterator[None]:
        """Each sync of this member takes that much longer for as long as the block lasts."""
        self._delay(member).write_text(str(seconds))
        yield
        self._delay(member).unlink(missing_ok=True)  # another slowness of it may be over before

    def stack(self, name: str) -> Stack:
        """The stack that runs the process of this name."""
        return self.servers if name == "redis" or name.startswith("mongod") else self.program

    def _set_clocks(self, parts: ExitStack) -> None:
        if self._apart:
            members = [f"mongod-{number}" for number in range(1, self._members + 1)]
            self.clocks |= clocks.member_clocks(self._chance, members) | clocks.process_clocks(self._chance, self.names)
            clocks.clean()  # of drills that were interrupted
            parts.callback(clocks.clean)

    def _servers(self) -> Stack:
        return Stack(
            self._members,
            {},
            say=self._say,
            on_pids=self.outages.watcher(),
            altered=self._altered,
            reached=self.links.before if self._apart else lambda ports: ports,
        )

    def _program(self) -> Stack:
        settings = {
            **self.servers.settings,
            **self.marks.settings,
            "PUSHER_URL": self.proxy.url,
            **LIMITLESS,
        }
        return Stack(
            processes=self._processes,
            settings=settings,
            lines=self._lines,
            say=self._say,
            on_pids=self.outages.watcher(),
            altered=self._altered,
        )

    def _altered(self, program: Program) -> Program:
        """With its clock, and a member with its disk."""
        if program.name not in self.clocks:
            return program
        command = program.command
        if program.name.startswith("mongod"):
            command = (
                sys.executable,
                "-I",
                "-S",
                slow_disk.__file__,
                str(self._delay(program.name)),
                *command,
                *OPTION,
            )
        environment = {**program.environment, **clocks.wrong_by(self.clocks[program.name])}
        return replace(program, command=command, environment=environment)

    def _delay(self, member: str) -> Path:
        return self.servers.folder / f"delay-{member}"
