"""Clients of MongoDB and Redis. Made in each process after the fork, never at import."""

from datetime import timedelta

import mongoengine
from redis import ConnectionPool, Redis, SSLConnection
from redis.backoff import NoBackoff
from redis.retry import Retry

from swag_goals.time_limits import MONGODB_CONNECT_TIMEOUT, MONGODB_TIMEOUT
from swag_goals.times import milliseconds

SESSIONS = "sessions"  # the sessions' own client, by MongoEngine's alias


def connect_mongodb(uri: str) -> None:
    """Connect MongoEngine's documents; the first operation opens the first socket.

    What is written stands on a majority and what is read stood on one, whatever the URI says:
    with `w: 1` an acknowledged extension can be rolled back.
    """
    _connect_mongodb(uri, mongoengine.DEFAULT_CONNECTION_NAME, retry_writes=True)
    # To be able to retry, MongoDB would keep a copy of the whole session with each grant, which is
    # most of the work where there are many viewers. The guard makes the next attempt as safe.
    _connect_mongodb(uri, SESSIONS, retry_writes=False)


def _connect_mongodb(uri: str, alias: str, *, retry_writes: bool) -> None:
    mongoengine.connect(
        alias=alias,
        host=uri,
        connect=False,
        w="majority",
        readConcernLevel="majority",
        readPreference="primary",
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


def connect_redis(url: str, timeout: timedelta) -> Redis:
    """A client whose every call ends within about `timeout`, whatever the URL says.

    Without one, a frozen Redis hangs its caller for ever.
    """
    pool = ConnectionPool.from_url(url)
    options = pool.connection_kwargs
    if issubclass(pool.connection_class, SSLConnection):
        options.setdefault("ssl_cert_reqs", "none")  # Heroku's certificates are self-signed
    options |= {"socket_timeout": timeout.total_seconds(), "socket_connect_timeout": timeout.total_seconds()}
    options |= {"retry": Retry(NoBackoff(), 0), "decode_responses": False}
    return Redis.from_pool(pool)
