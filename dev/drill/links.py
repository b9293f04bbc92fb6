"""The ways between MongoDB's members, and from clients to each: any of them can be cut, and is whole again later.

A member is known to the others and to clients by an address before it. A member that connects there says in its first
message which it is, as MongoDB's own tests let it, so that one member can be cut off from another while clients reach
both. What is sent over a way that is cut waits, as TCP lets it.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from dev.stack.forwarder import TURN, Forwarder

CLIENTS = "clients"
#: With this a member says which it is.
OPTION = ("--setParameter", "enableTestCommands=1")
SAYS = re.compile(rb"\x02hostInfo\0.{4}[^\0]+:(\d+)\0", re.DOTALL)
Way = frozenset[str]  # the names of its two ends


class Links:
    """Context manager: stands before the members once `before` is called."""

    def __init__(self) -> None:
        self._exit = ExitStack()
        self._cuts: list[frozenset[Way]] = []

    def __enter__(self) -> "Links":
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def before(self, ports: Sequence[int]) -> list[int]:
        """The ports before these, which are those of mongod-1 and so on."""
        names = {port: f"mongod-{number}" for number, port in enumerate(ports, 1)}
        return [self._exit.enter_context(_Link(port, names, self._cuts)).port for port in ports]

    @contextmanager
    def cut(self, ways: Iterable[Way]) -> Iterator[None]:
        """These are cut for as long as the block lasts, beside what others cut."""
        cut = frozenset(ways)
        self._cuts.append(cut)
        yield
        self._cuts.remove(cut)


class _Link(Forwarder):
    """Before one member; it holds back what comes by a way that is among the cuts."""

    def __init__(self, to: int, names: dict[int, str], cuts: Sequence[frozenset[Way]]) -> None:
        super().__init__(to)
        self._names, self._cuts = names, cuts
        self._ways: dict[int, Way] = {}  # of connections, by the other end's port

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ways.pop(writer.get_extra_info("peername")[1], None)
        await super()._connect(reader, writer)

    async def _hold(self, peer: int, chunk: bytes) -> None:
        if peer not in self._ways:
            said = SAYS.search(chunk)
            self._ways[peer] = Way((self._names[self.to], self._names[int(said[1])] if said else CLIENTS))
        while any(self._ways[peer] in cut for cut in tuple(self._cuts)):
            await asyncio.sleep(TURN)
