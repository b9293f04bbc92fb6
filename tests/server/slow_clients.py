"""Clients that are slow on purpose, and come again when they are given up."""

import itertools
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from tests.server.web import Web, get

TURN = 0.01  # seconds between two of them: each of 200 has its turn every two seconds


class Kind(NamedTuple):
    """What such a client sends as it comes, and what it does at its turns."""

    first: bytes
    turn: Callable[[socket.socket], None]
    receive_buffer: int = 0


def _send(client: socket.socket) -> None:
    client.sendall(b"a")


def _receive(client: socket.socket) -> None:
    with suppress(BlockingIOError):
        if not client.recv(1, socket.MSG_DONTWAIT):
            raise ConnectionResetError


HEAD = Kind(get("/").removesuffix(b"\r\n") + b"X-Slow: ", _send)
BODY = Kind(get("/", "Content-Length: 8000"), _send)
READER = Kind(get("/?bytes=1000000"), _receive, receive_buffer=2048)


class SlowClients:
    """Context manager: so many of them, of these kinds in turn."""

    def __init__(self, web: Web, count: int, *kinds: Kind) -> None:
        self._web = web
        self._kinds = list(itertools.islice(itertools.cycle(kinds), count))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "SlowClients":
        self._clients = [self._come(kind) for kind in self._kinds]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for client in self._clients:
            client.close()

    def _come(self, kind: Kind) -> socket.socket:
        client = self._web.connect(kind.receive_buffer)
        client.sendall(kind.first)
        return client

    def _run(self) -> None:
        for number, kind in itertools.cycle(enumerate(self._kinds)):
            if self._over.wait(TURN):
                return
            try:
                kind.turn(self._clients[number])
            except OSError:
                self._clients[number].close()
                self._clients[number] = self._come(kind)
