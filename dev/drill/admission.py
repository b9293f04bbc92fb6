"""A thousand viewers watch while ends move, extensions come and everything dies: who was let in, and who was not."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from dev.bench.streams import Stream, streams
from dev.drill.crowd import Asked, watch
from dev.stack import api
from dev.stack.sample import goal_document
from dev.stack.stack import LIMITLESS, Stack
from dev.stack.waiting import wait_until
from swag_goals.auth.tokens import mint
from swag_goals.settings import Settings

Documents = Database[dict[str, Any]]

SESSIONS, VIEWERS = 100, 10
PAUSE = 0.1  # seconds from one change to the next
FREEZE = 1.5  # seconds
# What is promised, in seconds: how long a permission lasts before nobody is refused, and who is let in after it ended.
REFUSED, LET_IN = 2.0, 5.0
TIMEOUT = 60.0  # seconds until nothing is left to be applied
DEATHS = ("web-1", "web-2", "redis", "roll", "freeze", "mongod")


@dataclass(frozen=True)
class Change:
    """The permission of a session's viewers ends at `exp`, from some time in between on. Seconds of the epoch."""

    began: float
    over: float
    exp: float


@dataclass(frozen=True)
class Watched:
    """What came of it: answers by their status, None for none, and those that broke a promise."""

    seed: int
    answers: Counter[int | None]
    changes: int
    refused: int
    let_in: int

    def miscounted(self) -> Iterator[str]:
        """Promises that were broken, in words."""
        if self.refused:
            yield f"{self.refused} refusals of viewers whose permission had lasted for more than {REFUSED:.0f} s"
        if self.let_in:
            yield f"{self.let_in} viewers were let in more than {LET_IN:.0f} s after their permission had ended"
        if not (self.answers[204] and self.answers[403]):
            yield "nobody was let in, or nobody refused, so it proves nothing"


def run(seed: int, seconds: float, say: Callable[[str], None], size: int = SESSIONS) -> Watched:
    """Let them watch for so long, and look at every answer."""
    chance, watched = random.Random(f"{seed} admission"), streams(size, VIEWERS)
    sessions = {stream.session: stream.viewers for stream in watched}
    with ExitStack() as exit_stack:
        stack = exit_stack.enter_context(Stack(3, {"web": 2, "worker": 1, "sweeper": 1}, settings=LIMITLESS, say=say))
        client = exit_stack.enter_context(MongoClient[dict[str, Any]](stack.settings["MONGODB_URI"], w="majority"))
        database = client.get_default_database(codec_options=CodecOptions(tz_aware=True))
        changes, until = _insert(database, watched, chance), time.time() + seconds
        with ThreadPoolExecutor(3) as threads:
            pressing = threads.submit(_press, stack, watched, random.Random(seed), until)
            moving = threads.submit(_move, database, watched, random.Random(seed + 1), until)
            dying = threads.submit(_kill, stack, client, random.Random(seed + 2), say, until)
            asked = asyncio.run(watch(stack.settings, list(stack.urls.values()), sessions, until))
            for session, change in moving.result():
                changes[session].append(change)
            pressing.result(), dying.result()
        due = {"due": {"$exists": True}}
        wait_until(lambda: database.extension.count_documents(due) == 0, TIMEOUT)
        _add_extensions(database, changes)
        return judged(seed, asked, changes)


def judged(seed: int, asked: Sequence[Asked], changes: Mapping[str, Sequence[Change]]) -> Watched:
    """Each answer beside what the session may have said when it was given."""
    refused = let_in = 0
    for each in asked:
        if each.status in (401, 403):
            refused += min(exps(changes[each.session], each.sent - REFUSED, each.at)) > each.at
        elif each.status == 204:  # noqa: PLR2004
            let_in += max(exps(changes[each.session], each.sent - LET_IN, each.at)) < each.sent - LET_IN
    number = sum(map(len, changes.values()))
    return Watched(seed, Counter(each.status for each in asked), number, refused, let_in)


def exps(changes: Sequence[Change], since: float, until: float) -> list[float]:
    """The ends that may have stood at some time in between: those of changes that none is sure to have replaced."""
    return [
        each.exp
        for each in changes
        if each.began <= until and not any(each.over <= later.began and later.over <= since for later in changes)
    ]


def _insert(database: Documents, watched: Sequence[Stream], chance: random.Random) -> dict[str, list[Change]]:
    moved: dict[str, list[Change]] = defaultdict(list)
    for stream in watched:
        exp = _in(chance.uniform(-2, 10))
        permission = {"nbf": exp - timedelta(seconds=300), "duration": 300, "exp": exp}
        database.goal.insert_one(goal_document(stream.goal, stream.streamer, stream.session, stream.viewers))
        database.session.insert_one({"_id": stream.session_id, "viewers": dict.fromkeys(stream.viewers, permission)})
        moved[stream.session].append(Change(0.0, 1.0, exp.timestamp()))
    return moved


def _press(stack: Stack, watched: Sequence[Stream], chance: random.Random, until: float) -> None:
    """Extend one session after another; who is not answered does not press again."""
    settings = Settings.from_environ(stack.settings)
    while time.time() < until:
        time.sleep(PAUSE)
        stream = chance.choice(watched)
        token = mint(settings, stream.streamer, ["CREATOR"], 3600, "of-the-drill")
        with suppress(OSError, HTTPException, ValueError):
            api.extend(chance.choice(list(stack.urls.values())), stream.goal, token)


def _move(
    database: Documents, watched: Sequence[Stream], chance: random.Random, until: float
) -> list[tuple[str, Change]]:
    """Move the ends of sessions near, as another program might."""
    moved = []
    while time.time() < until:
        time.sleep(PAUSE)
        stream, began, exp = chance.choice(watched), time.time(), _in(chance.uniform(-1, 5))
        over = float("inf")  # it may, or may not, come of a write without an answer
        with suppress(PyMongoError):
            ends = {f"viewers.{viewer}.exp": exp for viewer in stream.viewers}
            database.session.update_one({"_id": stream.session_id}, {"$set": ends})
            over = time.time()
        moved.append((stream.session, Change(began, over, exp.timestamp())))
    return moved


def _kill(
    stack: Stack, client: MongoClient[dict[str, Any]], chance: random.Random, say: Callable[[str], None], until: float
) -> None:
    """End or freeze one part after another."""
    deaths = list(DEATHS)
    chance.shuffle(deaths)
    pause = (until - time.time()) / (len(deaths) + 1)
    for death in deaths:
        time.sleep(pause)
        say(f"Dies: {death}")
        with suppress(ProcessLookupError):
            match death:
                case "roll":
                    for web in ("web-1", "web-2"):
                        stack.signal(web, SIGTERM)
                case "freeze":
                    _freeze(stack)
                case "mongod":
                    stack.signal(_primary(client, stack.settings["MONGODB_URI"]), SIGKILL)
                case _:
                    stack.signal(death, SIGKILL)


def _freeze(stack: Stack) -> None:
    """No member of MongoDB's answers anybody for a moment."""
    members = [f"mongod-{number}" for number in (1, 2, 3)]
    for member in members:
        stack.signal(member, SIGSTOP)
    time.sleep(FREEZE)
    for member in members:
        stack.signal(member, SIGCONT)


def _primary(client: MongoClient[dict[str, Any]], uri: str) -> str:
    """The member that is it, as far as is known."""
    nodes = parse_uri(uri)["nodelist"]
    return f"mongod-{nodes.index(client.primary) + 1}" if client.primary else "mongod-1"


def _add_extensions(database: Documents, changes: dict[str, list[Change]]) -> None:
    """What the ledger says of them. Whoever is notified is so of what stands on a majority, and so can be read."""
    for record in database.extension.find({"applied_at": {"$ne": None}}):
        exp = min(permission["exp"] for permission in record["permissions"].values())
        began, notified = record["requested_at"].timestamp(), record["notified_at"]
        over = notified.timestamp() if notified else float("inf")
        changes[str(record["session_id"])].append(Change(began - 0.001, over + 0.001, exp.timestamp()))


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
