"""The whole system as a drill needs it: with a faulty way to Pusher, marks in its processes, and a listener."""

import random
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from dev.drill.history import History
from dev.drill.marks import Marks
from dev.drill.outages import Outages
from dev.drill.pusher_proxy import PusherProxy
from dev.stack.listener import Listener
from dev.stack.stack import EVERYTHING, LIMITLESS, Stack


class System:
    """Context manager: all of it runs on entry, and nothing is left on exit.

    :param members: of MongoDB's replica set.
    :param processes: how many of which of the Procfile.
    :param faults: which share of the calls to Pusher go wrong, 0 to 1.
    :param lines: the Procfile, if it is not the program's.
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
    ) -> None:
        self._say, self._chance = say, chance
        self._members, self._processes, self._faults, self._lines = members, processes, faults, lines
        self.outages = Outages()

    def __enter__(self) -> "System":
        with ExitStack() as parts:
            self.marks = Marks(Path(parts.enter_context(tempfile.TemporaryDirectory())))
            self.servers = parts.enter_context(Stack(self._members, {}, say=self._say, on_pids=self.outages.watcher()))
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

    def stack(self, name: str) -> Stack:
        """The stack that runs the process of this name."""
        return self.servers if name == "redis" or name.startswith("mongod") else self.program

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
        )
