"""A thousand viewers' players, as a proxy asks for them: what each was answered, and when."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from dev.bench.players import players

EVERY = 2.0  # seconds from one question for a viewer to the next
CONNECTIONS = 8  # to each web process
PATIENCE = 1.0  # seconds, as the pages on proxies have it
BACKOFF = 0.1  # seconds after a connection that failed


@dataclass(frozen=True)
class Asked:
    """A question for a viewer of this session; times in seconds of the epoch, `status` None without an answer."""

    session: str
    sent: float
    at: float
    status: int | None


async def watch(
    settings: Mapping[str, str], urls: Sequence[str], sessions: Mapping[str, Sequence[str]], until: float
) -> list[Asked]:
    """Ask for all viewers of these sessions again and again, each at a web process that is up."""
    names = [session for session, viewers in sessions.items() for _ in viewers]
    everybody = list(zip(names, (player.question for player in players(settings, sessions)), strict=True))
    random.Random(0).shuffle(everybody)
    lanes = CONNECTIONS * len(urls)
    crowds = [everybody[lane::lanes] for lane in range(lanes)]
    heard = await asyncio.gather(
        *(_lane(urls[lane % len(urls)], crowds[lane], lane / lanes, until) for lane in range(lanes))
    )
    return [each for some in heard for each in some]


async def _lane(url: str, crowd: Sequence[tuple[str, bytes]], phase: float, until: float) -> list[Asked]:
    """One connection's viewers, in turn, each every two seconds."""
    heard: list[Asked] = []
    step = EVERY / len(crowd)
    began, connection = time.time() + phase * step, _Connection(url)
    for number in range(int((until - began) / step)):
        await asyncio.sleep(max(began + number * step - time.time(), 0))
        session, question = crowd[number % len(crowd)]
        sent = time.time()
        status = await connection.ask(question)
        heard.append(Asked(session, sent, time.time(), status))
    await connection.close()
    return heard


class _Connection:
    """One that is kept, and made anew where it breaks."""

    def __init__(self, url: str) -> None:
        self._at = urlsplit(url).hostname, urlsplit(url).port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, question: bytes) -> int | None:
        """The answer's status; None where none comes in time."""
        try:
            self._streams = self._streams or await asyncio.open_connection(*self._at)
            return await asyncio.wait_for(_ask(*self._streams, question), PATIENCE)
        except (OSError, EOFError, TimeoutError):
            await self.close()
            await asyncio.sleep(BACKOFF)
            return None

    async def close(self) -> None:
        """Leave nothing open."""
        if self._streams:
            self._streams[1].close()
            with suppress(OSError):
                await self._streams[1].wait_closed()
        self._streams = None


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, question: bytes) -> int:
    writer.write(question)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, _, length = head.partition(b"content-length: ")
    if length:
        await reader.readexactly(int(length.split(b"\r\n")[0]))
    return int(head.split(b" ")[1])
