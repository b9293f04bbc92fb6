"""Clients of MongoDB and Redis. Made in each process after the fork, never at import.

An address says where, as whom and how encrypted; all else is decided here, whatever its options say.
"""

import re
import socket
import threading
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import mongoengine
import redis
from pymongo import MongoClient, ReadPreference
from redis import ConnectionPool, ReadOnlyError, Redis, RedisError, ResponseError
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

from swag_goals.time_limits import MONGODB_CONNECT_TIMEOUT, MONGODB_TIMEOUT
from swag_goals.times import milliseconds

SESSIONS = "sessions"  # the sessions' own client, by MongoEngine's alias

# How the names begin of the options that an address may hold; any other is overruled.
MONGODB_OPTIONS = ("replicaset", "loadbalanced", "tls", "ssl", "auth", "srv", "compressors", "zlib", "maxidletimems")
REDIS_OPTIONS = ("host", "port", "path", "db", "username", "password", "ssl_")

# What a server says of itself and not of the command, so that another one behind the same address may do it.
# Not OOM, TRYAGAIN, MOVED, BUSY or NOPERM: there a new socket would meet the same.
_OF_THE_SERVER = re.compile(r"\b(READONLY|UNBLOCKED|LOADING|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|MISCONF)\b")


def connect_mongodb(uri: str) -> None:
    """Connect MongoEngine's documents; the first operation looks names up and opens the first socket.

    What is written stands on a majority and what is read stood on one, whatever the URI says:
    with `w: 1` an acknowledged extension can be rolled back.
    """
    _connect_mongodb(uri, mongoengine.DEFAULT_CONNECTION_NAME, retry_writes=True)
    # To be able to retry, MongoDB would keep a copy of the whole session with each grant, which is
    # most of the work where there are many viewers. The guard makes the next attempt as safe.
    _connect_mongodb(uri, SESSIONS, retry_writes=False)


def _connect_mongodb(uri: str, alias: str, *, retry_writes: bool) -> None:
    where, _, options = uri.partition("?")
    kept = "&".join(each for each in re.split("[&;]", options) if each.lower().startswith(MONGODB_OPTIONS))
    uri = f"{where}?{kept}" if kept else where
    with MongoClient[dict[str, Any]](uri, connect=False) as client:
        database = client.get_default_database().name
    mongoengine.connect(
        alias=alias,
        name=database,
        # MongoEngine itself never sees the URI: it would look up the name of a `mongodb+srv://` at once.
        mongo_client_class=_mongodb_client,
        uri=uri,
        connect=False,
        w="majority",
        readConcernLevel="majority",
        read_preference=ReadPreference.PRIMARY,
        retryWrites=retry_writes,
        retryReads=True,
        timeoutMS=milliseconds(MONGODB_TIMEOUT),
        serverSelectionTimeoutMS=milliseconds(MONGODB_TIMEOUT),
        connectTimeoutMS=milliseconds(MONGODB_CONNECT_TIMEOUT),
        tz_aware=True,
        # What others keep in a goal or session, and Python cannot hold, would make all of it unreadable:
        # a date far away, a UUID that is none, text that is no UTF-8.
        datetime_conversion="DATETIME_CLAMP",
        uuidRepresentation="unspecified",
        unicode_decode_error_handler="replace",
        appname="swag_goals",
    )


def _mongodb_client(*, uri: str, host: object, port: object, **options: Any) -> MongoClient[dict[str, Any]]:
    """In place of the `host` and `port` that MongoEngine thinks of by itself."""
    return MongoClient(uri, **options)


def connect_redis(url: str, timeout: timedelta) -> Redis:
    """A client whose every call ends within about `timeout`, whatever the URL says.

    Without one, a frozen Redis hangs its caller for ever.
    """
    given = parse_url(url)
    connection_class = _CONNECTIONS[given.pop("connection_class", redis.Connection)]
    options = {name: value for name, value in given.items() if name.startswith(REDIS_OPTIONS)}
    if issubclass(connection_class, redis.SSLConnection):
        options.setdefault("ssl_cert_reqs", "none")  # Heroku's certificates are self-signed
    options |= {"socket_timeout": timeout.total_seconds(), "socket_connect_timeout": timeout.total_seconds()}
    # The greetings of a newer protocol and of the driver cost a far Redis' first caller four more round trips.
    options |= {"protocol": 2, "driver_info": None}
    # Silence is never waited for twice; a replica did nothing, and its address may lead to the primary by now.
    options |= {"retry": Retry(NoBackoff(), 1, (ReadOnlyError,))}
    return Redis.from_pool(ConnectionPool(connection_class, **options))


def cause(error: RedisError) -> str:
    """Why Redis did not do it, in one word: the code it refuses with, as in OOM, else the error's class.

    Never its message, where keys and values may stand.
    """
    if is_refusal(error):
        code = re.match("[A-Z]{2,}", error.status_code or str(error).rpartition("caused error: ")[2])
        return code[0] if code else type(error).__name__
    return type(error.__context__ if isinstance(error.__context__, OSError) else error).__name__


def is_refusal(error: RedisError) -> bool:
    """Whether Redis answered, with an error."""
    return isinstance(error, ResponseError) or error.status_code is not None


class _ConnectionMixin:
    """A connection that follows its address, and is made in time."""

    _asked = False

    def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        """From now on there may be an answer."""
        self._asked = True
        super().send_packed_command(*args, **kwargs)  # type: ignore[misc]

    def can_read(self, *args: Any, **kwargs: Any) -> bool:
        """Whether an answer waits. What TLS 1.3 sends before anything was asked is none, and the pool's alarm."""
        try:
            return self._asked and super().can_read(*args, **kwargs)  # type: ignore[misc]
        except redis.ConnectionError:
            # The driver keeps a socket that the server has closed, and a subscription would ask it for ever.
            self.disconnect()  # type: ignore[attr-defined]
            raise

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """An answer. One that speaks of the server closes the socket: after a failover another one may be there."""
        try:
            return super().read_response(*args, **kwargs)  # type: ignore[misc]
        except RedisError as error:
            if _OF_THE_SERVER.search(f"{error.status_code} {error}"):
                self.mark_for_reconnect()  # type: ignore[attr-defined]
            raise

    def _connect(self) -> socket.socket:
        """A socket, in time also where the name server says nothing: the look-up knows no timeout."""
        self._asked = False
        made: Future[socket.socket] = Future()
        threading.Thread(target=self._connect_for, args=(made,), name="connect", daemon=True).start()
        try:
            return made.result(self.socket_connect_timeout)  # type: ignore[attr-defined]
        except TimeoutError:
            if made.cancel():
                raise
            return made.result()

    def _connect_for(self, made: "Future[socket.socket]") -> None:
        try:
            connected = super()._connect()  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - whoever waits for it raises it
            if made.set_running_or_notify_cancel():
                made.set_exception(error)
            return
        if made.set_running_or_notify_cancel():
            made.set_result(connected)
        else:
            connected.close()


_CONNECTIONS: dict[type, type] = {
    each: type(each.__name__, (_ConnectionMixin, each), {})
    for each in (redis.Connection, redis.SSLConnection, redis.UnixDomainSocketConnection)
}
