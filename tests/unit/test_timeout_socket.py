"""A client that is slow on purpose is not waited for without end."""

import socket
from collections.abc import Iterator

import pytest

from swag_goals.server.timeout_socket import RequestIncomplete, TimeoutSocket

Pair = tuple[TimeoutSocket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """The server's end of a connection, and the client's."""
    server, client = socket.socketpair()
    with TimeoutSocket.instead_of(server, 0.05) as impatient, client:
        yield impatient, client


def test_what_comes_is_received(pair: Pair) -> None:
    pair[1].sendall(b"PUT")

    assert pair[0].recv(10) == b"PUT"


def test_a_request_that_does_not_go_on_is_incomplete(pair: Pair) -> None:
    with pytest.raises(RequestIncomplete):
        pair[0].recv(10)


def test_so_is_one_that_goes_on_for_ever(pair: Pair) -> None:
    pair[0].expect_all_within(0)
    pair[1].sendall(b"P")

    with pytest.raises(RequestIncomplete):
        pair[0].recv(10)


def test_the_end_of_a_connection_is_no_pause(pair: Pair) -> None:
    pair[1].close()

    assert pair[0].recv(10) == b""


def test_an_answer_that_nobody_reads_ends_the_connection(pair: Pair) -> None:
    with pytest.raises(BrokenPipeError):
        pair[0].sendall(bytes(10_000_000))


def test_an_answer_that_is_read_is_sent(pair: Pair) -> None:
    pair[0].sendall(b"HTTP/1.1 200 OK")

    assert pair[1].recv(100) == b"HTTP/1.1 200 OK"
