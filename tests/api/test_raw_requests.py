"""What comes over a raw socket: each is refused in words, leaves nothing behind, and holds nobody up."""

import itertools
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.client import TIMEOUT, bearer, read, send
from tests.factories import OneToOne

WEB_THREADS = 16
HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

LINES: dict[str, tuple[int, str]] = {
    "no version": (400, "PUT {path}"),
    "HTTP/0.9": (400, "PUT {path} HTTP/0.9"),
    "HTTP/2.0": (400, "PUT {path} HTTP/2.0"),
    "HTTP/1.1x": (400, "PUT {path} HTTP/1.1x"),
    "a method in lower case": (400, "put {path} HTTP/1.1"),
    "a method with a slash": (400, "P/T {path} HTTP/1.1"),
    "a method of 21 letters": (400, "{A21} {path} HTTP/1.1"),
    "a method nobody knows": (405, "EXTEND {path} HTTP/1.1"),
    "GET": (405, "GET {path} HTTP/1.1"),
    "HEAD": (405, "HEAD {path} HTTP/1.1"),
    "POST": (405, "POST {path} HTTP/1.1"),
    "PATCH": (405, "PATCH {path} HTTP/1.1"),
    "DELETE": (405, "DELETE {path} HTTP/1.1"),
    "TRACE": (405, "TRACE {path} HTTP/1.1"),
    "CONNECT": (404, "CONNECT api.swag.live:443 HTTP/1.1"),
    "an asterisk": (400, "PUT * HTTP/1.1"),
    "OPTIONS of everything": (404, "OPTIONS * HTTP/1.1"),
    "no slash": (400, "PUT goals HTTP/1.1"),
    "a space in the path": (400, "PUT {path} x HTTP/1.1"),
    "bytes above ASCII in the path": (400, "PUT /goals/\xe4\xbd\xa0/extend HTTP/1.1"),
    "a NUL in the path": (400, "PUT /goals/\x00/extend HTTP/1.1"),
    "an encoded NUL": (404, "PUT /goals/%00/extend HTTP/1.1"),
    "an encoded slash": (404, "PUT /goals/a%2Fb/extend HTTP/1.1"),
    "an encoded line end": (404, "PUT {path}%0d%0aX:%20y HTTP/1.1"),
    "invalid UTF-8": (404, "PUT /goals/%ff%fe/extend HTTP/1.1"),
    "a surrogate": (404, "PUT /goals/%ed%a0%80/extend HTTP/1.1"),
    "a broken percent sign": (404, "PUT /goals/%zz/extend HTTP/1.1"),
    "dots": (404, "PUT /goals/../goals/x/extend HTTP/1.1"),
    "encoded dots": (404, "PUT /goals/%2e%2e/extend HTTP/1.1"),
    "a backslash": (404, "PUT /goals\\x\\extend HTTP/1.1"),
    "a parameter in the path": (404, "PUT {path};v=1 HTTP/1.1"),
    "a slash too many": (404, "PUT /{path} HTTP/1.1"),
    "a slash behind": (404, "PUT {path}/ HTTP/1.1"),
    "an address of 5,000 bytes": (414, "PUT {path}?{a5000} HTTP/1.1"),
    "TLS": (400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "HTTP/2's preface": (400, "PRI * HTTP/2.0"),
    "another protocol": (400, "EHLO mail"),
}

HEADERS: dict[str, tuple[int, str]] = {
    "a NUL": (400, "X-Client-ID: a\x00b"),
    "a CR": (400, "X-Client-ID: a\rb"),
    "an LF": (400, "X-Client-ID: a\nb"),
    "a DEL": (400, "X-Client-ID: a\x7fb"),
    "no colon": (400, "X-Client-ID"),
    "no name": (400, ": x"),
    "a space in the name": (400, "X Client: x"),
    "a space before the colon": (400, "X-Client-ID : x"),
    "bytes above ASCII in the name": (400, "X-Cli\xe9nt: x"),
    "a folded line": (400, "X-Client-ID: a\r\n b"),
    "of 9,000 bytes": (431, "X-Client-ID: {a9000}"),
    "120 of them": (431, "{h120}"),
    "40,000 bytes in all": (431, "{h40000}"),
    "two hosts": (400, "Host: x"),
    "an expectation": (417, "Expect: 200-ok"),
    "two lengths": (400, "Content-Length: 0\r\nContent-Length: 0"),
    "two different lengths": (400, "Content-Length: 0\r\nContent-Length: 5"),
    "a negative length": (400, "Content-Length: -1"),
    "a length with a sign": (400, "Content-Length: +1"),
    "a length in hex": (400, "Content-Length: 0x1"),
    "a list of lengths": (400, "Content-Length: 0, 0"),
    "a superscript length": (400, "Content-Length: \xb2"),
    "no length in the length": (400, "Content-Length: "),
    "an endless length": (413, "Content-Length: 99999999999999999999"),
    "a length of 5,000 digits": (400, "Content-Length: {n5000}"),
    "chunks": (413, "Transfer-Encoding: chunked"),
    "chunks and a length": (400, "Transfer-Encoding: chunked\r\nContent-Length: 5"),
    "chunks twice": (400, "Transfer-Encoding: chunked, chunked"),
    "chunks of gzip": (413, "Transfer-Encoding: gzip, chunked"),
    "gzip": (400, "Transfer-Encoding: gzip"),
    "a transfer coding nobody knows": (400, "Transfer-Encoding: cow"),
    "an empty transfer coding": (400, "Transfer-Encoding: "),
    "two kinds of content": (400, "Content-Type: a/b\r\nContent-Type: c/d"),
    "a request id with a line end": (400, "X-Request-ID: a\r\n\tb"),
}

HOSTS: dict[str, str] = {
    "missing": "",
    "empty": "Host: \r\n",
    "with a space": "Host: a b\r\n",
    "with a path": "Host: a/b\r\n",
    "with a user": "Host: me@a\r\n",
    "with tags": "Host: <script>\r\n",
    "with bytes above ASCII": "Host: \xff\xfe\r\n",
    "with a port that is none": "Host: a:x\r\n",
    "with an open bracket": "Host: [::1\r\n",
    "two with a comma": "Host: a,b\r\n",
}

LONG = {
    "A21": "A" * 21,
    "a5000": "a" * 5000,
    "a9000": "a" * 9000,
    "n5000": "9" * 5000,
    "h40000": "\r\n".join(f"X-{number}: {'a' * 8000}" for number in range(5)),
    "h120": "\r\n".join(f"X-{number}: x" for number in range(120)),
}


def fill(text: str, **names: str) -> str:
    for name, value in {**LONG, **names}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@pytest.fixture
def one(ledger: Database[dict[str, Any]]) -> OneToOne:
    return factories.one_to_one(ledger)


@pytest.fixture
def check(door: Stack, ledger: Database[dict[str, Any]], one: OneToOne) -> Any:
    """Sends a request that is right but for what is given, and checks what comes of it."""
    name, token = bearer(door, one.streamer_id, "CREATOR")

    def send_and_check(
        status: int, *, line: str = "PUT {path} HTTP/1.1", host: str = "Host: x\r\n", more: str = ""
    ) -> None:
        start = fill(line, path=f"/goals/{one.goal_id}/extend")
        raw = f"{start}\r\n{host}{name}: {token}\r\n{fill(more)}\r\n".encode("latin1")
        answer = send(door, raw)
        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-ID"]
        if not start.startswith("HEAD"):
            assert answer.body["status"] == status
            assert answer.body["request_id"] == answer.headers["X-Request-ID"]
        assert ledger["extension"].count_documents({"goal_id": ObjectId(one.goal_id)}) == 0

    return send_and_check


@pytest.mark.parametrize(("status", "line"), LINES.values(), ids=LINES)
def test_a_bad_request_line_is_refused(check: Any, status: int, line: str) -> None:
    check(status, line=line)


@pytest.mark.parametrize(("status", "header"), HEADERS.values(), ids=HEADERS)
def test_a_bad_header_is_refused(check: Any, status: int, header: str) -> None:
    check(status, more=f"{header}\r\n")


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_a_bad_host_is_refused(check: Any, host: str) -> None:
    check(400, host=host)


@pytest.mark.parametrize("length", [1025, 1_000_000])
def test_a_body_of_more_than_1_kib_is_refused_unread(check: Any, length: int) -> None:
    check(413, more=f"Content-Length: {length}\r\n")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", "%%%"])
def test_a_body_of_1_kib_is_ignored_whatever_it_is(door: Stack, one: OneToOne, kind: str) -> None:
    name, token = bearer(door, one.streamer_id, "CREATOR")
    head = f"PUT /goals/{one.goal_id}/extend HTTP/1.1\r\nHost: x\r\n{name}: {token}\r\nContent-Type: {kind}\r\n"

    answer = send(door, f"{head}Content-Length: 1024\r\n\r\n".encode() + b"\x00{[<" * 256)

    assert answer.status == 202


@pytest.mark.parametrize(
    "header",
    [
        "SCRIPT_NAME: /goals",
        "PATH_INFO: /healthz",
        "X_Request_ID: mal formed",
        "X-HTTP-Method-Override: GET",
        "X-Forwarded-Proto: https\r\nX-Forwarded-Protocol: https",
        "X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: true",
        "X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off",
    ],
)
def test_a_header_that_means_something_to_servers_means_nothing_here(door: Stack, one: OneToOne, header: str) -> None:
    name, token = bearer(door, one.streamer_id, "CREATOR")
    head = f"PUT /goals/{one.goal_id}/extend HTTP/1.1\r\nHost: x\r\n{name}: {token}\r\n{header}\r\n\r\n"

    assert send(door, head.encode()).status == 202


def test_a_broken_chunk_behind_a_refusal_is_not_answered_again(door: Stack) -> None:
    head = "PUT /goals/x/extend HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    url = urlsplit(door.urls["web"])

    with socket.create_connection((url.hostname, url.port), timeout=TIMEOUT) as connection:
        connection.sendall(f"{head}no number\r\n\r\n".encode())
        everything = b"".join(iter(lambda: connection.recv(65536), b""))

    assert everything.count(b"HTTP/1.1 ") == 1
    assert everything.startswith(b"HTTP/1.1 413 ")


IMPOSSIBLE = "Wed, 25 Nov 2147483648 00:00:00 GMT"


@pytest.mark.parametrize("headers", [f"If-Modified-Since: {IMPOSSIBLE}", f"Range: bytes=0-5\r\nIf-Range: {IMPOSSIBLE}"])
def test_a_date_that_no_machine_can_hold_is_refused(door: Stack, headers: str) -> None:
    answer = send(door, f"GET /console/api.js HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n".encode())

    assert (answer.status, answer.body["code"]) == (400, "bad_request")


def test_clients_that_send_nothing_hold_nobody_up(stack: Stack) -> None:
    url = urlsplit(stack.urls["web"])
    # Half of what they would take if each held a thread for five seconds.
    silent = [socket.create_connection((url.hostname, url.port), timeout=10) for _ in range(4 * WEB_THREADS)]
    try:
        silent[-1].sendall(HEALTHZ)
        assert read(silent[-1], HEALTHZ).status == 200
    finally:
        for connection in silent:
            connection.close()


def test_clients_that_stop_in_the_middle_hold_nobody_up(stack: Stack) -> None:
    url = urlsplit(stack.urls["web"])
    half = b"PUT /goals/x/extend HTTP/1.1\r\nHost: x"
    stalled = [socket.create_connection((url.hostname, url.port), timeout=TIMEOUT) for _ in range(WEB_THREADS)]
    try:
        for connection in stalled:
            connection.sendall(half)
        assert send(stack, HEALTHZ).status == 200
        answers = [read(connection, half) for connection in stalled]
    finally:
        for connection in stalled:
            connection.close()

    assert {answer.status for answer in answers} == {408}
    assert {answer.body["code"] for answer in answers} == {"request_incomplete"}


def test_clients_that_stay_after_a_refusal_hold_nobody_up(stack: Stack) -> None:
    url = urlsplit(stack.urls["web"])
    address = (url.hostname, url.port)
    staying = [socket.create_connection(address, timeout=TIMEOUT) for _ in range(WEB_THREADS)]
    try:
        for connection in staying:
            connection.sendall(b"no HTTP\r\n\r\n")
        with socket.create_connection(address, timeout=len(staying)) as connection:
            connection.sendall(HEALTHZ)
            assert read(connection, HEALTHZ).status == 200
    finally:
        for connection in staying:
            connection.close()


def test_clients_that_read_nothing_of_a_file_hold_nobody_up(stack: Stack) -> None:
    url = urlsplit(stack.urls["web"])
    address = (url.hostname, url.port)
    file = b"GET /console/vendor/pusher.min.js HTTP/1.1\r\nHost: x\r\n\r\n"
    idle = [socket.socket() for _ in range(WEB_THREADS)]
    try:
        for connection in idle:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect(address)
        with pytest.raises(ConnectionError):  # they are given up, when the kernel keeps no more for them
            until = time.monotonic() + TIMEOUT
            for connection in itertools.takewhile(lambda _: time.monotonic() < until, itertools.cycle(idle)):
                connection.sendall(file)
                with socket.create_connection(address, timeout=TIMEOUT) as other:
                    other.sendall(HEALTHZ)
                    assert read(other, HEALTHZ).status == 200
    finally:
        for connection in idle:
            connection.close()


def test_a_form_that_never_comes_whole_is_refused(door: Stack) -> None:
    name, token = bearer(door, factories.new_id())
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nsocket_id=1.1"

    answer = send(door, f"POST /pusher/auth HTTP/1.1\r\nHost: x\r\n{name}: {token}\r\n{form}".encode())

    assert (answer.status, answer.body["code"]) == (400, "bad_request")
