"""Viewers' players, as the proxy in front of a stream asks for them: over connections that are kept."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bson import ObjectId
from pymongo.database import Database

from dev.bench.checks import Wrong
from swag_goals.auth.tickets import LIFE, Ticket, mint_ticket

LASTS = timedelta(minutes=20)  # longer than any benchmark
CONNECTIONS = 16
LET_IN = b"HTTP/1.1 204 "


@dataclass(frozen=True)
class Player:
    """What the proxy asks for one viewer, as bytes."""

    question: bytes


def players(settings: Mapping[str, str], sessions: Mapping[str, Sequence[str]]) -> list[Player]:
    """One for each viewer of these sessions, with a ticket."""
    keys, now = json.loads(settings["JWT_KEYS"]), int(time.time())
    tickets = [
        (session, mint_ticket(keys, Ticket(viewer, session, now, now + LIFE, f"{number:016x}")))
        for session, viewers in sessions.items()
        for number, viewer in enumerate(viewers)
    ]
    return [Player(question(settings, f"/live/{session}/720p/17.m4s?ticket={ticket}")) for session, ticket in tickets]


def question(settings: Mapping[str, str], address: str) -> bytes:
    """As Caddy asks for a viewer with Chrome."""
    headers = {
        "Host": "live.example.com",
        "User-Agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/147.0.0.0",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Accept-Language": "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7",
        "Origin": "https://swag.live",
        "Referer": "https://swag.live/",
        "X-Admission-Secret": settings["ADMISSION_SECRET"],
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "live.example.com",
        "X-Forwarded-Method": "GET",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Uri": address,
    }
    lines = ["GET /admission HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def let_watch(database: Database[dict[str, Any]], sessions: Mapping[str, Sequence[str]]) -> None:
    """Write the sessions, with time left for all of their viewers."""
    now = datetime.now(UTC)
    permission = {"nbf": now - timedelta(seconds=300), "duration": 300, "exp": now + LASTS}
    documents = [{"_id": ObjectId(each), "viewers": dict.fromkeys(sessions[each], permission)} for each in sessions]
    database["session"].delete_many({"_id": {"$in": [document["_id"] for document in documents]}})
    database["session"].insert_many(documents, ordered=False)


def ask_all(url: str, asked: Sequence[Player], side_by_side: int) -> None:
    """Ask for each of them as soon as one of those before is answered.

    :raises Wrong: one is not let in.
    """
    asyncio.run(_ask(url, [(0.0, player) for player in asked], side_by_side))


def ask_steadily(url: str, asked: Sequence[Player], every: float, seconds: float) -> list[float]:
    """Ask for each of them every so many seconds, evenly spread; the seconds that each answer took.

    Counted from when it was due, whatever kept the player from asking.

    :raises Wrong: one is not let in.
    """
    began = time.monotonic() + 0.1
    step = every / len(asked)
    due = [(began + number * step, asked[number % len(asked)]) for number in range(int(seconds / step))]
    return asyncio.run(_ask(url, due, CONNECTIONS))


async def _ask(url: str, due: Sequence[tuple[float, Player]], connections: int) -> list[float]:
    todo, took = iter(due), list[float]()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
        for at, player in todo:
            await asyncio.sleep(max(at - time.monotonic(), 0))
            asked = at or time.monotonic()
            writer.write(player.question)
            answer = await reader.readuntil(b"\r\n\r\n")
            took.append(time.monotonic() - asked)
            if not answer.startswith(LET_IN):
                raise Wrong(f"a viewer with time left was answered {answer[:12]!r}")
        writer.close()

    await asyncio.gather(*(connection() for _ in range(connections)))
    return took
