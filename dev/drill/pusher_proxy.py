"""Stands between the program and its Pusher server, and lets some of the calls go wrong."""

import random
import socket
import struct
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import urllib3

HANG = 4.0  # seconds; longer than the program waits
DRIP = 0.3  # seconds between two bytes
# Before: the server never gets the call. After: it takes it, and the program does not get to know.
OUTAGES = ("drip", "429", "two of three")
FAULTS = ("500 before", "500 after", "reset before", "reset after", "hang", "400")


class PusherProxy:
    """Context manager: `url` is the PUSHER_URL to use instead of that of the server.

    :param faults: which share of the calls go wrong, 0 to 1.
    """

    def __init__(self, pusher_url: str, faults: float, chance: random.Random) -> None:
        server = urlsplit(pusher_url)
        self._upstream = f"http://{server.hostname}:{server.port}"
        self._http = urllib3.PoolManager(maxsize=32, retries=False, timeout=10)
        self._faults, self._chance, self._turn = faults, chance, threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://{server.username}:{server.password}@127.0.0.1:{self._server.server_port}{server.path}"
        #: While it is set, this goes wrong with every call: a fault, or one of OUTAGES.
        self.outage: str | None = None
        self._calls = 0

    def __enter__(self) -> "PusherProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._http.clear()

    def fault(self) -> str | None:
        """What goes wrong with the next call."""
        with self._turn:
            self._calls += 1
            if self.outage == "two of three":
                return "500 before" if self._calls % 3 else None
            if self.outage:
                return self.outage
            return self._chance.choice(FAULTS) if self._chance.random() < self._faults else None

    def forward(self, path: str, body: bytes) -> tuple[int, bytes]:
        """The server's answer to the call."""
        headers = {"Content-Type": "application/json"}
        answer = self._http.request("POST", f"{self._upstream}{path}", headers=headers, body=body)
        return answer.status, answer.data


class _Server(ThreadingHTTPServer):
    def __init__(self, proxy: PusherProxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy

    def handle_error(self, request: object, client_address: object) -> None:
        """The program hung up, or was killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.server.proxy.fault()
        match fault:
            case "hang":
                time.sleep(HANG)
                self._reset()
            case "reset before":
                self._reset()
            case "drip":
                self._drip()
            case "500 before" | "400" | "429":
                self._answer(int(fault[:3]), b"a fault of the drill")
            case _:
                self._forward(body, fault)

    def _forward(self, body: bytes, fault: str | None) -> None:
        status, answer = self.server.proxy.forward(self.path, body)
        if fault == "reset after":
            self._reset()
        else:
            self._answer(500 if fault else status, answer)

    def _drip(self) -> None:
        """A byte of the answer now and then, as long as anybody listens."""
        with suppress(OSError):
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"X-Padding: 0\r\n" * 10:
                self.wfile.write(bytes([byte]))
                time.sleep(DRIP)
        self.close_connection = True

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.send_header("Retry-After", "3")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.close_connection = True
        # Closed like this it sends a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base calls it
        pass
