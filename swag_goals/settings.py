"""The settings: read once from the environment, checked before anything starts."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import pymongo
import pymongo.uri_parser
import redis
from pymongo.errors import PyMongoError

MIN_SECRET = 32  # bytes
_HOST = r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?"

HINTS = {
    "MONGODB_URI": "give a replica set's address with a database, as in mongodb://host:27017/swag?replicaSet=rs0",
    "REDIS_URL": "give an address as in redis://host:6379/0 or rediss://:password@host:6379/0",
    "PUSHER_URL": "give it as http[s]://key:secret@host[:port]/apps/ID, with an ID in digits",
    "PUSHER_WS_URL": "say where browsers connect, as in wss://ws-eu.pusher.com (derived for clusters of Pusher itself)",
    "JWT_KEYS": "give a JSON object of key ids and secrets of 32 bytes or more; the last one signs",
    "CORS_ORIGINS": "give exact origins with commas between, as in https://swag.live,https://m.swag.live",
    "RATE_LIMIT_GOAL": "give a limit as in 20/minute; empty is off",
    "RATE_LIMIT_STREAMER": "give a limit as in 120/minute; empty is off",
    "PORT": "give the number of the port to listen on, as in 8000",
    "WEB_CONCURRENCY": "give the number of gunicorn's workers, 1 or more",
}
# gunicorn reads these by itself, and does not always name them where they are wrong.
GUNICORNS = ("PORT", "WEB_CONCURRENCY")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what it should be."""


@dataclass(frozen=True, repr=False)
class PusherApp:
    """One app of Pusher Channels, or of a server that speaks its protocol."""

    app_id: str
    key: str
    secret: str
    host: str
    port: int
    tls: bool


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds."""

    amount: int
    seconds: int


@dataclass(frozen=True, repr=False)
class Settings:
    """What the environment says. Secrets are in it: never log it."""

    mongodb_uri: str
    redis_url: str
    pusher: PusherApp
    pusher_ws_url: str
    jwt_keys: dict[str, str]
    cors_origins: tuple[str, ...]
    rate_limit_goal: Rate | None
    rate_limit_streamer: Rate | None
    metrics_token: str | None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting.

        :raises SettingsError: naming the first one that is missing or wrong.
        """
        for name in GUNICORNS:
            read(environ, name)
        return cls(
            mongodb_uri=read(environ, "MONGODB_URI"),
            redis_url=read(environ, "REDIS_URL"),
            pusher=read(environ, "PUSHER_URL"),
            pusher_ws_url=read(environ, "PUSHER_WS_URL"),
            jwt_keys=read(environ, "JWT_KEYS"),
            cors_origins=read(environ, "CORS_ORIGINS"),
            rate_limit_goal=read(environ, "RATE_LIMIT_GOAL"),
            rate_limit_streamer=read(environ, "RATE_LIMIT_STREAMER"),
            metrics_token=environ.get("METRICS_TOKEN", "").strip() or None,
        )


def read(environ: Mapping[str, str], name: str) -> Any:
    """One setting, parsed.

    :raises SettingsError: it is missing or wrong.
    """
    value = environ.get(name, _DEFAULTS.get(name))
    if name == "PUSHER_WS_URL" and value is None:
        value = _ws_url_of_cluster(read(environ, "PUSHER_URL").host)
    if value is None:
        raise SettingsError(f"{name} is not set: {HINTS[name]}.")
    try:
        return _PARSERS[name](value.strip())
    except (ValueError, OSError, PyMongoError, redis.RedisError, AttributeError, TypeError):
        # The value may hold a password: neither it nor the parser's words are repeated.
        raise SettingsError(f"{name} is wrong: {HINTS[name]}.") from None


def _mongodb_uri(value: str) -> str:
    if not pymongo.uri_parser.parse_uri(value, validate=True, warn=False)["database"]:
        raise ValueError
    # Some of its options are looked at only by a client.
    pymongo.MongoClient[dict[str, Any]](value, connect=False).close()
    return value


def _redis_url(value: str) -> str:
    redis.ConnectionPool.from_url(value).make_connection()
    url = urlsplit(value)
    if url.scheme != "unix" and not re.fullmatch(r"(/[0-9]*)?", url.path):
        raise ValueError  # its client would take the first database instead
    return value


def _pusher_app(value: str) -> PusherApp:
    url = urlsplit(value)
    app = re.fullmatch(r"/apps/([0-9]+)", url.path)
    if url.scheme not in ("http", "https") or not (app and url.username and url.password and url.hostname):
        raise ValueError
    tls = url.scheme == "https"
    return PusherApp(
        app_id=app[1],
        key=unquote(url.username),
        secret=unquote(url.password),
        host=f"[{url.hostname}]" if ":" in url.hostname else url.hostname,
        port=url.port or (443 if tls else 80),
        tls=tls,
    )


def _ws_url_of_cluster(host: str) -> str | None:
    cluster = re.fullmatch(r"api-([a-z0-9-]+)\.pusher\.com", host)
    return f"wss://ws-{cluster[1]}.pusher.com" if cluster else None


def _ws_url(value: str) -> str:
    url = urlsplit(value)
    # Everybody who opens the live page is told of it.
    if not re.fullmatch(rf"wss?://{_HOST}(/[\w./~-]*)?", value, re.ASCII | re.IGNORECASE) or url.port == 0:
        raise ValueError
    return value.rstrip("/")


def _jwt_keys(value: str) -> dict[str, str]:
    pairs: Any = json.loads(value, object_pairs_hook=list)
    if not isinstance(pairs, list) or not pairs or not all(isinstance(pair, tuple) for pair in pairs):
        raise ValueError
    keys = dict(pairs)
    if len(keys) != len(pairs) or not all(kid and len(secret.encode()) >= MIN_SECRET for kid, secret in pairs):
        raise ValueError
    return keys


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in value.split(",") if origin.strip())
    for origin in origins:
        # Any other form is never what a browser sends, and would let nobody in.
        exact = rf"(https(?!.*:443$)|http(?!.*:80$))://{_HOST}"
        if not re.fullmatch(exact, origin) or urlsplit(origin).port == 0:
            raise ValueError
    return origins


def _rate(value: str) -> Rate | None:
    if not value:
        return None
    rate = re.fullmatch(r"([1-9][0-9]{0,8})(?: ?(?:/|per) ?(second|minute|hour|day))?", value)
    if not rate:
        raise ValueError
    return Rate(int(rate[1]), {"second": 1, "minute": 60, "hour": 3600, "day": 86400}[rate[2] or "minute"])


def _number(value: str, most: int = 1000) -> int:
    if not 1 <= int(value) <= most:
        raise ValueError
    return int(value)


_PARSERS: dict[str, Callable[[str], Any]] = {
    "MONGODB_URI": _mongodb_uri,
    "REDIS_URL": _redis_url,
    "PUSHER_URL": _pusher_app,
    "PUSHER_WS_URL": _ws_url,
    "JWT_KEYS": _jwt_keys,
    "CORS_ORIGINS": _origins,
    "RATE_LIMIT_GOAL": _rate,
    "RATE_LIMIT_STREAMER": _rate,
    "PORT": partial(_number, most=65535),
    "WEB_CONCURRENCY": _number,
}
_DEFAULTS = {
    "CORS_ORIGINS": "https://swag.live",
    "RATE_LIMIT_GOAL": "20/minute",
    "RATE_LIMIT_STREAMER": "120/minute",
    "PORT": "8000",
    "WEB_CONCURRENCY": "1",
}
