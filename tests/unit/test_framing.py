"""The end of a request is found where gunicorn's parser finds it, and nobody waits for what is never taken."""

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import LimitRequestHeaders, ParseException
from gunicorn.http.parser import RequestParser
from hypothesis import given
from hypothesis import strategies as st

from swag_goals.api import requests
from swag_goals.server.exchange import read_once
from swag_goals.server.framing import MAX_AWAITED_BODY, MAX_HEAD, Extent, extent

START = b"PUT / HTTP/1.1\r\nHost: x\r\n"
REST = b"GET /next HTTP/1.1\r\n\r\n"


def size(received: bytes) -> int | None:
    found = extent(bytearray(received))
    return found and found.size


@pytest.mark.parametrize("length", [0, 1, MAX_AWAITED_BODY])
@pytest.mark.parametrize("name", [b"Content-Length: ", b"content-length:", b"CONTENT-LENGTH:\t "])
def test_a_request_ends_behind_its_body(name: bytes, length: int) -> None:
    head = START + name + str(length).encode() + b"\r\n\r\n"

    assert size(head) == size(head + bytes(length) + REST) == len(head) + length


@pytest.mark.parametrize("header", [f"Content-Length: {MAX_AWAITED_BODY + 1}", "Content-Length: " + "9" * 5000])
def test_a_body_that_no_route_takes_is_not_waited_for(header: str) -> None:
    head = START + header.encode() + b"\r\n\r\n"

    assert size(head) == len(head)


def test_no_route_takes_a_larger_one() -> None:
    assert max(requests.MAX_BODY, *requests.MAX_BODIES.values()) == MAX_AWAITED_BODY


@pytest.mark.parametrize("received", [b"P", b"\r\n", START, START + b"\r"])
def test_a_head_is_waited_for(received: bytes) -> None:
    assert extent(bytearray(received)) is None


@pytest.mark.parametrize("received", [b"EHLO mail\n", b"PUT / HTTP/1.1\nHost: x\n\n", START + b"A: b\n"])
def test_what_will_never_be_one_is_not(received: bytes) -> None:
    assert size(received) == len(received)
    with pytest.raises(ParseException):
        parse(received)


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n", b"\r\n\r\n" + REST])
def test_nor_is_the_end_of_one_that_is_too_long(end: bytes) -> None:
    with pytest.raises(LimitRequestHeaders):
        extent(bytearray(START + b"a: " + b"a" * MAX_HEAD + end))


@pytest.mark.parametrize(
    ("head", "expects"),
    [
        (b"PUT / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", True),
        (b"PUT / HTTP/1.1\r\nEXPECT:100-Continue\r\nContent-Length: 5\r\n\r\n", True),
        (b"PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", False),
        (b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", False),
        (b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n", False),
        (b"PUT / HTTP/1.1\r\nContent-Length: 50\r\n\r\n\r\nExpect: 100-continue\r\n\r\n", False),
    ],
)
def test_a_client_that_waits_for_it_is_told_to_go_on(head: bytes, expects: bool) -> None:
    found = extent(bytearray(head))

    assert found
    assert found.expects_continue is expects


LINES = ["Content-Length: 3", "content-length:3 ", "Content-Length: 0", "Content-Length: +3", "Content-Length: 3, 3"]
LINES += [
    "Content-Length: \xb3",
    "Content-Length : 3",
    " Content-Length: 3",
    "X: Content-Length: 3",
    "X: a\r",
    "X: a\n",
]
LINES += ["Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Content-Length: 00000000000000000003", "X:", ""]


@given(st.lists(st.sampled_from(LINES), max_size=3), st.sampled_from([b"", b"abc", b"abcd", b"0\r\n\r\n", REST]))
def test_the_next_request_begins_where_the_parser_says_or_nowhere(lines: list[str], behind: bytes) -> None:
    received = "\r\n".join(["PUT / HTTP/1.1", *lines, "", ""]).encode("latin1") + behind
    found = extent(bytearray(received)) or Extent(len(received), expects_continue=False)

    try:
        end = parse(received[: found.size])
    except ParseException:
        return  # refused, or not read to its end: the connection is closed

    assert end == parse(received) == found.size


def parse(received: bytes) -> int:
    """Where the next request begins for gunicorn.

    :raises RequestIncomplete: not in what was received.
    """
    parser = RequestParser(Config(), read_once(received), ("127.0.0.1", 1))
    next(parser)
    parser.finish_body()
    return len(received) - len(parser.unreader.take_buffered())
