"""The addresses of servers, checked without asking a name server or the server itself."""

import re
import socket
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from pymongo import MongoClient
from redis import ConnectionPool, SSLConnection
from redis.connection import parse_url

HOST = r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(:(0|[1-9][0-9]{0,4}))?"


class OptionError(ValueError):
    """An option of an address is unknown or wrong; the message is its name."""


@dataclass(frozen=True, repr=False)
class PusherApp:
    """One app of Pusher Channels, or of a server that speaks its protocol."""

    app_id: str
    key: str
    secret: str
    host: str
    port: int
    tls: bool


def checked(address: str, make: Callable[[str], None]) -> str:
    """An address of which this can be made.

    :raises OptionError: it could be made without this one of its options.
    """
    if not _fails(make, address):
        return address
    where, _, query = address.partition("?")
    # A password with a bare "?" would make its end look like an option's name.
    if "@" not in query and not _fails(make, where):
        options = re.split("[&;]", query)
        for option in options:
            rest = "&".join(each for each in options if each is not option)
            if _fails(make, f"{where}?{option}") or not _fails(make, f"{where}?{rest}"):
                raise OptionError(option.partition("=")[0])
    raise ValueError


def _fails(make: Callable[[str], None], address: str) -> bool:
    try:
        make(address)
    except Exception:  # noqa: BLE001 - the clients' parsers raise whatever they come upon
        return True
    return False


def make_mongodb_client(uri: str) -> None:
    """One of a database."""
    with warnings.catch_warnings():
        # PyMongo passes over an option that it does not know or cannot read.
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Wire protocol compression")
        with MongoClient[dict[str, Any]](uri, connect=False) as client:
            client.get_default_database()


def make_redis_connection(url: str) -> None:
    """One to a server, or to a socket in the file system."""
    options = parse_url(url)
    connection = ConnectionPool.from_url(url).make_connection()
    # Its client would take this very machine instead, or the first database.
    if not (options.get("host") or options.get("path")) or options.get("db", 0) < 0:
        raise ValueError
    if "path" not in options and not re.fullmatch(r"(/[0-9]*)?", urlsplit(url).path):
        raise ValueError
    # It asks other servers, and not where it is given as text.
    if any("ocsp" in option for option in options):
        raise ValueError
    if isinstance(connection, SSLConnection):
        with socket.socket() as unconnected, connection._wrap_socket_with_ssl(unconnected):
            pass


def pusher_app(value: str) -> PusherApp:
    """One app on one server."""
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


def ws_url_of_cluster(host: str) -> str | None:
    """Where browsers connect whose app is called at `host`, if that is a cluster of Pusher's own."""
    cluster = re.fullmatch(r"api(?:-([a-z0-9-]+))?\.pusher(?:app)?\.com", host)
    return f"wss://ws-{cluster[1] or 'mt1'}.pusher.com" if cluster else None


def ws_url(value: str) -> str:
    """Where browsers connect; everybody who opens the live page is told of it."""
    url = urlsplit(value)
    if not re.fullmatch(rf"wss?://{HOST}(/[\w./~-]*)?", value, re.ASCII | re.IGNORECASE) or url.port == 0:
        raise ValueError
    return value.rstrip("/")
