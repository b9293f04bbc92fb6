"""The settings: read once from the environment, checked before anything starts."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import pymongo.uri_parser
import redis
from pymongo.errors import PyMongoError

SHORTEST_SECRET = 32  # bytes

HINTS = {
    "MONGODB_URI": "give a replica set's address with a database, as in mongodb://host:27017/swag?replicaSet=rs0",
    "REDIS_URL": "give an address as in redis://host:6379/0 or rediss://:password@host:6379/0",
    "PUSHER_URL": "give it as http[s]://key:secret@host[:port]/apps/ID, with an ID in digits",
    "PUSHER_WS_URL": "say where browsers connect, as in wss://ws-eu.pusher.com (derived for clusters of Pusher itself)",
    "JWT_KEYS": "give a JSON object of key ids and secrets of 32 bytes or more; the last one signs",
    "CORS_ORIGINS": "give exact origins with commas between, as in https://swag.live,https://m.swag.live",
    "RATE_LIMIT_GOAL": "give a limit as in 20/minute; empty is off",
    "RATE_LIMIT_STREAMER": "give a limit as in 120/minute; empty is off",
}


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what it should be."""


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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

    def __repr__(self) -> str:
        return "<Settings>"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting.

        :raises SettingsError: naming the first one that is missing or wrong.
        """
        return cls(
            mongodb_uri=read(environ, "MONGODB_URI"),
            redis_url=read(environ, "REDIS_URL"),
            pusher=read(environ, "PUSHER_URL"),
            pusher_ws_url=read(environ, "PUSHER_WS_URL"),
            jwt_keys=read(environ, "JWT_KEYS"),
            cors_origins=read(environ, "CORS_ORIGINS"),
            rate_limit_goal=read(environ, "RATE_LIMIT_GOAL"),
            rate_limit_streamer=read(environ, "RATE_LIMIT_STREAMER"),
            metrics_token=environ.get("METRICS_TOKEN") or None,
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
    except (ValueError, PyMongoError, AttributeError, TypeError):
        # The value may hold a password: neither it nor the parser's words are repeated.
        raise SettingsError(f"{name} is wrong: {HINTS[name]}.") from None


def _mongodb_uri(value: str) -> str:
    if not pymongo.uri_parser.parse_uri(value, validate=True, warn=False)["database"]:
        raise ValueError
    return value


def _redis_url(value: str) -> str:
    redis.connection.parse_url(value)
    return value


def _pusher_app(value: str) -> PusherApp:
    url = urlsplit(value)
    app = re.fullmatch(r"/apps/(\d+)", url.path)
    if url.scheme not in ("http", "https") or not (app and url.username and url.password and url.hostname):
        raise ValueError
    tls = url.scheme == "https"
    return PusherApp(
        app_id=app[1],
        key=unquote(url.username),
        secret=unquote(url.password),
        host=url.hostname,
        port=url.port or (443 if tls else 80),
        tls=tls,
    )


def _ws_url_of_cluster(host: str) -> str | None:
    cluster = re.fullmatch(r"api-([a-z0-9-]+)\.pusher\.com", host)
    return f"wss://ws-{cluster[1]}.pusher.com" if cluster else None


def _ws_url(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in ("ws", "wss") or not url.hostname or (url.port is not None and url.port < 1):
        raise ValueError
    return value.rstrip("/")


def _jwt_keys(value: str) -> dict[str, str]:
    pairs: Any = json.loads(value, object_pairs_hook=list)
    if not isinstance(pairs, list) or not pairs or not all(isinstance(pair, tuple) for pair in pairs):
        raise ValueError
    keys = dict(pairs)
    if len(keys) != len(pairs) or not all(kid and len(secret.encode()) >= SHORTEST_SECRET for kid, secret in pairs):
        raise ValueError
    return keys


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in value.split(",") if origin.strip())
    for origin in origins:
        url = urlsplit(origin)
        if url.scheme not in ("http", "https") or origin != f"{url.scheme}://{url.netloc}" or url.username:
            raise ValueError
    return origins


def _rate(value: str) -> Rate | None:
    if not value:
        return None
    rate = re.fullmatch(r"(\d{1,9})(?: ?(?:/|per) ?(second|minute|hour|day))?", value)
    if not rate:
        raise ValueError
    return Rate(int(rate[1]), {"second": 1, "minute": 60, "hour": 3600, "day": 86400}[rate[2] or "minute"])


_PARSERS: dict[str, Callable[[str], Any]] = {
    "MONGODB_URI": _mongodb_uri,
    "REDIS_URL": _redis_url,
    "PUSHER_URL": _pusher_app,
    "PUSHER_WS_URL": _ws_url,
    "JWT_KEYS": _jwt_keys,
    "CORS_ORIGINS": _origins,
    "RATE_LIMIT_GOAL": _rate,
    "RATE_LIMIT_STREAMER": _rate,
}
_DEFAULTS = {"CORS_ORIGINS": "https://swag.live", "RATE_LIMIT_GOAL": "20/minute", "RATE_LIMIT_STREAMER": "120/minute"}
