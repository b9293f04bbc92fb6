"""How long a client is waited for, by a clock that the tests set forward."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, cast

import pytest

from swag_goals import time_limits
from swag_goals.server.connection import Connection

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


class Loop(asyncio.SelectorEventLoop):
    ahead = 0.0  # seconds

    def time(self) -> float:
        return super().time() + self.ahead


class Worker:
    """In place of the worker: its threads take up no call by themselves."""

    cfg = SimpleNamespace(keepalive=time_limits.KEEP_ALIVE.seconds)

    def __init__(self) -> None:
        self.connections: dict[Connection, None] = {}
        self.calls: list[Future[None]] = []

    def admit(self, connection: Connection) -> None:
        self.connections[connection] = None

    def submit(self, _connection: Connection) -> Future[None]:
        self.calls.append(Future())
        return self.calls[-1]

    def bound_unread(self) -> None: ...

    def drop(self, connection: Connection) -> None:
        connection.transport.abort()


class Pair:
    """The server's end of a connection, and its client."""

    def __init__(self, loop: Loop) -> None:
        self.worker = Worker()
        self._loop = loop
        near, self.client = socket.socketpair()
        # Linux has 2 KiB at the least, so that a client reads in small steps.
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 0)
        self.client.setblocking(False)
        near.setblocking(False)
        make = loop.connect_accepted_socket(lambda: Connection(cast("Any", self.worker)), near)
        self.connection = loop.run_until_complete(make)[1]

    def send(self, data: bytes) -> None:
        self.client.sendall(data)
        self.turn()

    def turn(self) -> None:
        """Let the loop do what there is to do."""
        for _ in range(3):
            self._loop.run_until_complete(asyncio.sleep(0))

    def after(self, seconds: float) -> None:
        """Let time pass; the deadline is looked at in the end."""
        self._loop.ahead += seconds
        if self._loop.time() > self.connection.deadline:
            self.connection.expire()
        self.turn()

    def received(self) -> bytes | None:
        """What the client gets; None for nothing, empty at the end."""
        try:
            return self.client.recv(1_000_000)
        except BlockingIOError:
            return None


@pytest.fixture
def pair() -> Iterator[Pair]:
    loop = Loop()
    pair = Pair(loop)
    yield pair
    pair.connection.transport.abort()
    pair.turn()
    pair.client.close()
    loop.close()


def test_a_pause_in_a_request_may_last_five_seconds(pair: Pair) -> None:
    pair.send(HEAD)
    pair.after(4.9)
    assert pair.received() is None
    pair.after(0.2)
    assert (pair.received() or b"").startswith(b"HTTP/1.1 408 ")


def test_a_request_may_take_twenty(pair: Pair) -> None:
    pair.send(HEAD)
    for _ in range(4):
        pair.after(4.9)
        pair.send(b"A: a\r\n")
    assert pair.received() is None
    pair.after(0.5)
    assert (pair.received() or b"").startswith(b"HTTP/1.1 408 ")


def test_the_next_one_has_as_long(pair: Pair) -> None:
    for _ in range(10):
        pair.send(HEAD)
        pair.after(4)
        pair.send(b"\r\n")
        pair.connection.answered(b"answer", goes_on=True)
        assert pair.received() == b"answer"


def test_a_client_that_has_nothing_to_ask_is_kept_until_a_router_has_closed(pair: Pair) -> None:
    pair.after(90)
    assert pair.received() is None
    pair.after(6)
    assert pair.received() == b""


def test_the_app_says_whether_it_needs_a_body_that_does_not_come(pair: Pair) -> None:
    pair.send(HEAD + b"Content-Length: 10\r\n\r\nbo")
    pair.after(4.9)
    assert not pair.worker.calls
    pair.after(0.2)
    assert pair.connection.request.endswith(b"\r\n\r\nbo")


def test_a_call_that_no_thread_takes_up_is_refused_and_never_made(pair: Pair) -> None:
    pair.send(HEAD + b"\r\n")
    pair.after(1.9)
    assert pair.received() is None
    pair.after(0.2)
    assert (pair.received() or b"").startswith(b"HTTP/1.1 503 ")
    assert pair.worker.calls[0].cancelled()


def test_a_call_that_was_taken_up_is_waited_for(pair: Pair) -> None:
    pair.send(HEAD + b"\r\n")
    pair.worker.calls[0].set_running_or_notify_cancel()
    pair.after(100)
    assert pair.received() is None
    pair.connection.answered(b"answer", goes_on=True)
    assert pair.received() == b"answer"


def test_a_client_that_reads_a_little_is_waited_for(pair: Pair) -> None:
    pair.send(HEAD + b"\r\n")
    pair.connection.answered(bytes(100_000), goes_on=False)
    read = 0
    while chunk := pair.received():
        read += len(chunk)
        pair.after(4.9)
    assert read == 100_000


def test_one_that_reads_nothing_is_not(pair: Pair) -> None:
    pair.send(HEAD + b"\r\n")
    pair.connection.answered(bytes(100_000), goes_on=True)
    pair.after(4.9)
    assert not pair.connection.transport.is_closing()
    pair.after(0.2)
    assert pair.connection.transport.is_closing()


def test_a_refused_client_has_a_moment_to_read_why(pair: Pair) -> None:
    pair.send(b"no HTTP\r\n" * 10_000)
    assert (pair.received() or b"").startswith(b"HTTP/1.1 431 ")
    pair.send(b"and more")
    pair.after(0.4)
    assert not pair.connection.transport.is_closing()
    pair.after(0.2)
    assert pair.connection.transport.is_closing()
