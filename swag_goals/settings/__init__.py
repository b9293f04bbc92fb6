"""The settings: read once from the environment, checked before anything starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from swag_goals.settings import addresses, values
from swag_goals.settings.addresses import OptionError, PusherApp
from swag_goals.settings.values import Rate

__all__ = ["GUNICORNS", "HINTS", "PusherApp", "Rate", "Settings", "SettingsError", "read"]

HINTS = {
    "MONGODB_URI": "give a replica set's address with a database, as in mongodb://host:27017/swag?replicaSet=rs0",
    "REDIS_URL": "give an address as in redis://host:6379/0 or rediss://:password@host:6379/0",
    "PUSHER_URL": "give it as http[s]://key:secret@host[:port]/apps/ID, with an ID in digits",
    "PUSHER_WS_URL": "say where browsers connect, as in wss://ws-eu.pusher.com (derived for clusters of Pusher itself)",
    "JWT_KEYS": "give a JSON object of key ids and secrets of 32 bytes or more; the last one signs",
    "CORS_ORIGINS": "give exact origins with commas between, as in https://swag.live,capacitor://localhost",
    "RATE_LIMIT_GOAL": "give a limit as in 20/minute; empty is off",
    "RATE_LIMIT_STREAMER": "give a limit as in 120/minute; empty is off",
    "RATE_LIMIT_REQUESTS": "give a limit as in 600/minute; empty is off",
    "MAX_DURATION": "give the most seconds that one viewer may have bought in a session, 1 to 2147483647",
    "ADMISSION_SECRET": "give 32 bytes or more, which media servers show; without it they are not answered",
    "METRICS_TOKEN": "give 16 characters or more; without it only loopback may read /metrics",
    "PORT": "give the number of the port to listen on, as in 8000",
    "WEB_CONCURRENCY": "give the number of gunicorn's workers, 1 or more",
}
# gunicorn reads these by itself, and does not always name them where they are wrong.
GUNICORNS = ("PORT", "WEB_CONCURRENCY")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what it should be."""


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
    rate_limit_requests: Rate | None
    admission_secret: str | None
    metrics_token: str | None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting.

        :raises SettingsError: naming the first one that is missing or wrong.
        """
        for name in (*GUNICORNS, "MAX_DURATION"):  # the latter is read where the update is made
            read(environ, name)
        names = {each.name: each.name.upper() for each in fields(cls)} | {"pusher": "PUSHER_URL"}
        return cls(**{field: read(environ, name) for field, name in names.items()})


def read(environ: Mapping[str, str], name: str) -> Any:
    """One setting, parsed.

    :raises SettingsError: it is missing or wrong.
    """
    value = environ.get(name, _DEFAULTS.get(name))
    if name == "PUSHER_WS_URL" and value is None:
        value = addresses.ws_url_of_cluster(read(environ, "PUSHER_URL").host)
    if value is None:
        raise SettingsError(f"{name} is not set: {HINTS[name]}.")
    # The value may hold a password: neither it nor the parser's words are repeated.
    try:
        return _PARSERS[name](value.strip())
    except OptionError as option:
        raise SettingsError(f"{name} is wrong: look at its option {option}, and {HINTS[name]}.") from None
    except Exception:  # noqa: BLE001 - no value may end in a traceback
        raise SettingsError(f"{name} is wrong: {HINTS[name]}.") from None


_PARSERS: dict[str, Callable[[str], Any]] = {
    "MONGODB_URI": partial(addresses.checked, make=addresses.make_mongodb_client),
    "REDIS_URL": partial(addresses.checked, make=addresses.make_redis_connection),
    "PUSHER_URL": addresses.pusher_app,
    "PUSHER_WS_URL": addresses.ws_url,
    "JWT_KEYS": values.jwt_keys,
    "CORS_ORIGINS": values.origins,
    "RATE_LIMIT_GOAL": values.rate,
    "RATE_LIMIT_STREAMER": values.rate,
    "RATE_LIMIT_REQUESTS": values.rate,
    "MAX_DURATION": partial(values.number, most=2**31 - 1),
    "ADMISSION_SECRET": values.admission_secret,
    "METRICS_TOKEN": values.metrics_token,
    "PORT": partial(values.number, most=65535),
    "WEB_CONCURRENCY": values.number,
}
_DEFAULTS = {
    "CORS_ORIGINS": "https://swag.live",
    "RATE_LIMIT_GOAL": "20/minute",
    "RATE_LIMIT_STREAMER": "120/minute",
    "RATE_LIMIT_REQUESTS": "600/minute",
    "MAX_DURATION": str(2**31 - 1),
    "ADMISSION_SECRET": "",
    "METRICS_TOKEN": "",
    "PORT": "8000",
    "WEB_CONCURRENCY": "1",
}
