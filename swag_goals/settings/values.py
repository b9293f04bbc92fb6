"""The settings that are no address."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from swag_goals.settings.addresses import HOST

MIN_SECRET = 32  # bytes
MIN_METRICS_TOKEN = 16  # characters

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds."""

    amount: int
    seconds: int


def jwt_keys(value: str) -> dict[str, str]:
    """Key ids and their secrets, in their order."""
    pairs: Any = json.loads(value, object_pairs_hook=list)
    if not isinstance(pairs, list) or not pairs or not all(isinstance(pair, tuple) for pair in pairs):
        raise ValueError
    keys = dict(pairs)
    if len(keys) != len(pairs) or not all(kid and len(secret.encode()) >= MIN_SECRET for kid, secret in pairs):
        raise ValueError
    return keys


def origins(value: str) -> tuple[str, ...]:
    """Exact origins, in the form that browsers send; any other form would let nobody in."""
    found = tuple(origin.strip() for origin in value.split(",") if origin.strip())
    for origin in found:
        url = urlsplit(origin)
        if not re.fullmatch(rf"(?!file:)[a-z][a-z0-9+.-]*://{HOST}", origin) or url.port == 0:
            raise ValueError
        if url.port is not None and url.port == _DEFAULT_PORTS.get(url.scheme):
            raise ValueError
    return found


def rate(value: str) -> Rate | None:
    """A limit; None where it is off."""
    if not value:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,8})(?: ?(?:/|per) ?(second|minute|hour|day))?", value)
    if not found:
        raise ValueError
    return Rate(int(found[1]), {"second": 1, "minute": 60, "hour": 3600, "day": 86400}[found[2] or "minute"])


def admission_secret(value: str) -> str | None:
    """None where it is not set."""
    if value and len(value.encode()) < MIN_SECRET:
        raise ValueError
    return value or None


def metrics_token(value: str) -> str | None:
    """None where it is not set."""
    if value and len(value) < MIN_METRICS_TOKEN:
        raise ValueError
    return value or None


def number(value: str, most: int = 1000) -> int:
    """A whole number from 1 to `most`."""
    if not 1 <= int(value) <= most:
        raise ValueError
    return int(value)
