"""One request and its answer: whether the connection goes on behind it, and what an app's fault becomes."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from swag_goals.server.exchange import answer

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Items:
    """What an app answers with."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails, self.closed = fails, False

    def __iter__(self) -> Iterator[bytes]:
        yield b"a"
        if self.fails:
            raise LookupError
        yield b"b"

    def close(self) -> None:
        self.closed = True


def answered(items: Any, request: bytes = GET, *, alive: bool = True) -> tuple[bytes, bool]:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        start_response("200 OK", [("Content-Length", "2")])
        return items

    worker = SimpleNamespace(cfg=Config(), wsgi=app, alive=alive)
    return answer(worker, request, ("127.0.0.1", 1), ("127.0.0.1", 8000))


@pytest.mark.parametrize("request_", [GET, GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\nabc")])
def test_behind_a_whole_request_the_connection_goes_on(request_: bytes) -> None:
    sent, goes_on = answered([b"ab"], request_)

    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sent.endswith(b"\r\n\r\nab")
    assert goes_on
    assert b"Connection: close" not in sent


def test_during_a_stop_it_does_not_and_says_so() -> None:
    sent, goes_on = answered([b"ab"], alive=False)

    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in sent
    assert not goes_on


@pytest.mark.parametrize(
    "request_",
    [
        GET + b"GET /next HTTP/1.1\r\n\r\n",
        GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\nabc"),
        GET.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ],
)
def test_nor_where_the_next_request_may_begin_anywhere(request_: bytes) -> None:
    sent, goes_on = answered([b"ab"], request_)

    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in sent
    assert not goes_on


@pytest.mark.parametrize("fails", [False, True])
def test_what_an_app_opened_is_closed_and_its_fault_is_a_problem(*, fails: bool) -> None:
    items = Items(fails=fails)

    sent, goes_on = answered(items)

    assert items.closed
    assert goes_on is not fails
    assert sent.startswith(b"HTTP/1.1 500 " if fails else b"HTTP/1.1 200 ")
