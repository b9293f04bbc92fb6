"""Clients that are slow hold nobody up, and are given up in time."""

import socket
import time
from contextlib import ExitStack, suppress
from statistics import median

import pytest

from swag_goals import time_limits
from tests.server.slow_clients import BODY, HEAD, READER, Kind, SlowClients
from tests.server.web import Web, get, use

MANY = 200
CALL = get("/?seconds=0.1")
KINDS = {"heads": (HEAD,), "bodies": (BODY,), "answers": (READER,), "all of them": (HEAD, BODY, READER)}
LARGE = 8_000_000  # bytes; five are more than a process keeps for clients that do not read


@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_hold_nobody_up(web: Web, kinds: tuple[Kind, ...]) -> None:
    usual = median(web.seconds_for(CALL, 10))

    with SlowClients(web, MANY, *kinds):
        probes, calls = web.seconds_for(get("/healthz"), 40), web.seconds_for(CALL, 10)

    assert median(probes) < 0.1
    assert probes[-1] < 5  # where a client held a thread each, it was twenty
    assert median(calls) < 2 * usual


def test_one_that_pauses_in_its_request_is_told_so(web: Web) -> None:
    began = time.monotonic()

    answer = web.ask(HEAD.first)

    assert (answer.status, answer.body["code"]) == (408, "request_incomplete")
    assert answer.headers["Connection"] == "close"
    assert 5 <= time.monotonic() - began < 10


def test_so_is_one_that_pauses_in_a_body_that_the_app_wants(web: Web) -> None:
    answer = web.ask(BODY.first + b"a")

    assert (answer.status, answer.body["code"]) == (408, "request_incomplete")


def test_one_that_reads_slowly_and_steadily_gets_all_of_it(web: Web) -> None:
    with web.connect(receive_buffer=32 * 1024) as client:
        client.sendall(get("/?bytes=1500000"))
        received = 0
        while received < 1_500_000:
            chunk = client.recv(10_000)
            assert chunk
            received += len(chunk)
            time.sleep(0.05)


def test_one_that_does_not_read_is_given_up(web: Web) -> None:
    with web.connect(receive_buffer=2048) as client:
        client.sendall(get(f"/?bytes={LARGE}"))
        time.sleep(time_limits.MAX_PAUSE.seconds + 2)
        assert read_up_to(LARGE, client) < LARGE


def test_too_much_that_nobody_reads_is_not_kept(web: Web) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(web.connect(receive_buffer=2048)) for _ in range(5)]
        for client in clients:
            client.sendall(get(f"/?bytes={LARGE}"))
            assert client.recv(1)
        read = [read_up_to(LARGE, client) for client in clients]

    assert [amount >= LARGE for amount in read] == [False, True, True, True, True]


def test_one_that_waits_to_be_asked_for_its_body_is_asked(web: Web) -> None:
    with web.connect() as client:
        client.sendall(get("/", "Expect: 100-continue", "Content-Length: 5"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert use(client, b"hello").body["body"] == "hello"


def read_up_to(amount: int, client: socket.socket) -> int:
    """How many bytes the client gets, if it reads as fast as it can."""
    read = 0
    with suppress(ConnectionError):
        while read < amount and (chunk := client.recv(1_000_000)):
            read += len(chunk)
    return read
