"""Goals, sessions and tokens as other programs make them, and the calls that browsers make."""

import json
import runpy
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import urllib3
from bson import ObjectId
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.database import Database

from local.stack import Stack

MIGRATIONS = Path(__file__).parent.parent / "migrations"
HTTP = urllib3.PoolManager(maxsize=64, retries=False, timeout=30)


@contextmanager
def database(stack: Stack) -> Iterator[Database[dict[str, Any]]]:
    """The stack's database, read and written on a majority; its times are aware."""
    with MongoClient[dict[str, Any]](
        stack.settings["MONGODB_URI"], w="majority", readConcernLevel="majority"
    ) as client:
        yield client.get_default_database(codec_options=CodecOptions(tz_aware=True))


def migrate(database: Database[dict[str, Any]]) -> None:
    """Run every migration, as the release phase does."""
    for step in sorted(MIGRATIONS.glob("[0-9]*.py")):
        runpy.run_path(str(step))["up"](database)


def new_id() -> str:
    """A new id, as 24 lower-case hex digits."""
    return str(ObjectId())


def seconds_from_now(seconds: float) -> datetime:
    """A time as MongoDB keeps it: in UTC, in whole milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000) + timedelta(seconds=seconds)


def permission(*, ends_in: float = -60, duration: Any = 300) -> dict[str, Any]:
    """A permission that ends so many seconds from now; as it comes, one that is used up."""
    exp = seconds_from_now(ends_in)
    return {"nbf": exp - timedelta(seconds=300), "duration": duration, "exp": exp}


@dataclass(frozen=True)
class OneToOne:
    """A streamer with an active exclusive goal and the session that it names. Ids are text."""

    streamer_id: str = field(default_factory=new_id)
    goal_id: str = field(default_factory=new_id)
    session_id: str = field(default_factory=new_id)
    viewers: Sequence[str] = field(default_factory=lambda: [new_id()])


def one_to_one(database: Database[dict[str, Any]], count: int = 1) -> OneToOne:
    """A goal and its session with so many viewers, each of whom has used up 300 seconds."""
    one = OneToOne(viewers=[new_id() for _ in range(count)])
    goal(database, one)
    session(database, one.session_id, viewers={viewer: permission() for viewer in one.viewers})
    return one


def goal(database: Database[dict[str, Any]], one: OneToOne, **changes: Any) -> None:
    """Write the goal; `changes` replace fields of the document."""
    document = {
        "_id": ObjectId(one.goal_id),
        "_cls": "Goal.ExclusiveGoal",
        "active": True,
        "metadata": {"user": {"id": one.streamer_id}},
        "context": {"session_id": one.session_id, "exclusive_to": list(one.viewers)},
    }
    database["goal"].insert_one(document | changes)


def session(database: Database[dict[str, Any]], session_id: str, **fields: Any) -> None:
    """Write a session with these fields."""
    database["session"].insert_one({"_id": ObjectId(session_id), **fields})


def token(settings: Mapping[str, str], sub: str, scopes: Any = ("CREATOR",), **claims: Any) -> str:
    """A token for this user as the platform signs it; `claims` replace those it usually has."""
    kid, secret = list(json.loads(settings["JWT_KEYS"]).items())[-1]
    now = int(time.time())
    usual = {
        "sub": sub,
        "jti": uuid.uuid4().hex[:16],
        "iss": "api.swag.live",
        "aud": "api.swag.live",
        "iat": now,
        "exp": now + 3600,
        "version": 2,
        "scopes": list(scopes),
        "metadata": {"flavor": "swag.live"},
    }
    return jwt.encode(usual | claims, secret, algorithm="HS256", headers={"kid": kid})


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `json` is its body."""

    status: int
    headers: Mapping[str, str]
    json: Any


def call(stack: Stack, method: str, path: str, token: str, web: str = "web", **headers: str) -> Answer:
    """Call the API as the browser does; `headers` (underscores for dashes) replace or add to its own."""
    sent = {
        "Accept": "*/*",
        "Accept-Language": "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7",
        "Authorization": f"Bearer {token}",
        "Origin": "https://swag.live",
        "X-Client-ID": str(uuid.uuid4()),
        "X-Request-ID": str(uuid.uuid4()),
        "X-Session-ID": str(uuid.uuid4()),
    }
    sent |= {name.replace("_", "-").title().replace("-Id", "-ID"): value for name, value in headers.items()}
    answer = HTTP.request(method, f"{stack.urls[web]}{path}", headers=sent)
    return Answer(answer.status, answer.headers, json.loads(answer.data) if answer.data else None)


def extend(stack: Stack, one: OneToOne, web: str = "web", **headers: str) -> Answer:
    """The streamer's call: PUT /goals/{goal_id}/extend, with an empty body."""
    signed = token(stack.settings, one.streamer_id)
    return call(stack, "PUT", f"/goals/{one.goal_id}/extend?lang=zh-hant", signed, web, **headers)
