"""Requests as they go over the wire, byte by byte where that matters."""

import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from dev.stack.stack import Stack
from tests import conformance, factories

TIMEOUT = 30.0  # seconds
Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `headers` are looked up without regard to case."""

    status: int
    headers: HTTPMessage
    content: bytes

    @property
    def body(self) -> Any:
        """Its JSON."""
        return json.loads(self.content)


def request(method: str, target: str, headers: Headers = (), content: bytes = b"") -> bytes:
    """A request of HTTP/1.1; a header that is given twice is sent twice."""
    sent = [("Host", "api.swag.live"), ("Content-Length", str(len(content))), *headers]
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent), "", ""]
    return "\r\n".join(lines).encode("latin1") + content


def send(stack: Stack, raw: bytes, web: str = "web") -> Answer:
    """Send these bytes and read one answer."""
    url = urlsplit(stack.urls[web])
    with socket.create_connection((url.hostname, url.port), timeout=TIMEOUT) as connection:
        connection.sendall(raw)
        return read(connection, raw)


def read(connection: socket.socket, raw: bytes) -> Answer:
    """The answer to the request in `raw`, which is sent already; held to the API's description."""
    answer = read_any(connection, raw)
    method, target = [*raw.split(b"\r\n")[0].decode("latin1").split(" "), ""][:2]
    conformance.check(method, target, answer.status, answer.headers.items(), answer.content)
    return answer


def read_any(connection: socket.socket, raw: bytes) -> Answer:
    """The same of a server that need not be ours."""
    response = HTTPResponse(connection, method=raw.split(b" ")[0].decode("latin1"))
    response.begin()
    return Answer(response.status, response.headers, response.read())


def ask(stack: Stack, method: str, target: str, headers: Headers = (), content: bytes = b"") -> Answer:
    """Send a request and read its answer."""
    return send(stack, request(method, target, headers, content))


def bearer(stack: Stack, user: str, *scopes: str) -> tuple[str, str]:
    """The header that says who calls."""
    return "Authorization", f"Bearer {factories.token(stack.settings, user, scopes)}"


def extend(stack: Stack, one: factories.OneToOne, *headers: tuple[str, str], content: bytes = b"") -> Answer:
    """The streamer's PUT /goals/{goal_id}/extend with these headers beside the token."""
    everything = [bearer(stack, one.streamer_id, "CREATOR"), *headers]
    return ask(stack, "PUT", f"/goals/{one.goal_id}/extend", everything, content)
