"""The members of a stack's replica set, and taking its majority away."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient

from dev.stack.stack import Stack


def primary(stack: Stack) -> str:
    """The name of the member that is primary; waits for one."""
    with client(stack) as mongodb:
        host, port = mongodb.primary or mongodb.admin.command("hello")["primary"].split(":")
    return members(stack)[f"{host}:{port}"]


def members(stack: Stack) -> dict[str, str]:
    """The names of the members by their addresses."""
    hosts = stack.settings["MONGODB_URI"].removeprefix("mongodb://").split("/")[0].split(",")
    return {host: f"mongod-{number}" for number, host in enumerate(hosts, 1)}


def client(stack: Stack, **options: Any) -> MongoClient[dict[str, Any]]:
    """A client of the set; of one member alone with `directConnection`."""
    return MongoClient(stack.settings["MONGODB_URI"], **options)


@contextmanager
def without_majority(stack: Stack) -> Iterator[str]:
    """Both secondaries are frozen inside; the address of the member that was primary."""
    address = {name: address for address, name in members(stack).items()}
    leader = primary(stack)
    frozen = [name for name in address if name != leader]
    for name in frozen:
        stack.signal(name, signal.SIGSTOP)
    try:
        yield address[leader]
    finally:
        for name in frozen:
            stack.signal(name, signal.SIGCONT)
