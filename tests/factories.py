"""Goals, sessions and tokens as other programs make them, and the calls that browsers make."""

import base64
import hmac
import json
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import jwt
from bson import Binary, ObjectId
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.database import Database

from dev.stack import api, procfile
from dev.stack.api import Answer
from dev.stack.keeper import ROOT
from dev.stack.sample import goal_document
from dev.stack.stack import Stack
from swag_goals.documents.extension import Extension
from tests import conformance


@contextmanager
def database(stack: Stack) -> Iterator[Database[dict[str, Any]]]:
    """The stack's database, read and written on a majority; its times are aware."""
    with MongoClient[dict[str, Any]](
        stack.settings["MONGODB_URI"], w="majority", readConcernLevel="majority"
    ) as client:
        yield client.get_default_database(codec_options=CodecOptions(tz_aware=True))


def migrate(stack: Stack) -> None:
    """Run the migrations, as a deploy does."""
    environment = procfile.environment(stack.settings)
    subprocess.run(["flask", "migrate"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)


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


def _not_utf8(document: dict[str, Any]) -> RawBSONDocument:
    return RawBSONDocument(bson.encode(document).replace(b"????", b"\xff\xfe\xff\xfe"))


# What other programs may have written, MongoDB keeps, and a client as it comes fails on.
UNDECODABLE: dict[str, Any] = {
    "a UUID of three bytes": Binary(b"abc", 4),
    "text that is no UTF-8": _not_utf8({"text": "????"}),
    "a key that is no UTF-8": _not_utf8({"????": 1}),
}


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
    document = goal_document(one.goal_id, one.streamer_id, one.session_id, one.viewers)
    database["goal"].insert_one(document | changes)


def session(database: Database[dict[str, Any]], session_id: str, **fields: Any) -> None:
    """Write a session with these fields."""
    database["session"].insert_one({"_id": ObjectId(session_id), **fields})


@contextmanager
def session_validator(database: Database[dict[str, Any]], rule: dict[str, Any]) -> Iterator[None]:
    """Sessions that are written by anybody must keep the rule."""
    database.command("collMod", "session", validator=rule)
    try:
        yield
    finally:
        database.command("collMod", "session", validator={})


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


def ticket(settings: Mapping[str, str], one: OneToOne, viewer: str | None = None, **changes: Any) -> str:
    """A ticket of the first viewer, or of this one, as the program signs it; `changes` replace its claims."""
    kid, secret = list(json.loads(settings["JWT_KEYS"]).items())[-1]
    now = int(time.time())
    usual = {
        "aud": "admission",
        "iss": "api.swag.live",
        "sub": viewer or one.viewers[0],
        "sid": one.session_id,
        "jti": uuid.uuid4().hex[:16],
        "iat": now,
        "exp": now + 12 * 3600,
    }
    return jwt.encode(usual | changes, secret, algorithm="HS256", headers={"kid": kid})


def signature(settings: Mapping[str, str], body: bytes) -> str:
    """What OvenMediaEngine sends in X-OME-Signature."""
    digest = hmac.digest(settings["ADMISSION_SECRET"].encode(), body, "sha1")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def call(stack: Stack, method: str, path: str, token: str, *, web: str = "web", **headers: str) -> Answer:
    """Call the API as a browser does, and hold the answer to its description.

    `headers` (underscores for dashes) come on top of its own.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = api.ask(stack.urls[web], method, path, token, sent)
    conformance.check(method, path, answer.status, answer.headers.items(), json.dumps(answer.body).encode())
    return answer


def extend(stack: Stack, one: OneToOne, key: str | None = None, *, web: str = "web", **headers: str) -> Answer:
    """The streamer's call: PUT /goals/{goal_id}/extend, with an empty body and this key or a new one."""
    signed = token(stack.settings, one.streamer_id)
    headers = {"Content_Length": "0", "X_Request_ID": key or str(uuid.uuid4()), **headers}
    return call(stack, "PUT", f"/goals/{one.goal_id}/extend?lang=zh-hant", signed, web=web, **headers)


def recorded(one: OneToOne, *, key: str | None = None) -> Extension:
    """An extension of it, as the service records one; for tests whose documents are connected."""
    key = key or str(uuid.uuid4())
    return Extension.record(
        streamer_id=one.streamer_id,
        goal_id=one.goal_id,
        session_id=one.session_id,
        viewers=list(one.viewers),
        key=key,
        request_id=key,
    )


def moved(extension: Extension, *names: str, by: float) -> Extension:
    """The extension with these times in the ledger moved by so many seconds; back, where negative."""
    for name in names:
        setattr(extension, name, getattr(extension, name) + timedelta(seconds=by))
    fields = {name: getattr(extension, name) for name in names}
    Extension.objects(id=extension.id).update_one(**fields)
    return extension
