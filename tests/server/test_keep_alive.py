"""Connections that are kept: they cost no thread, and none is closed under a request while its client keeps it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.server.web import Web, get, running, use

CLIENTS = 30
KEPT = 3  # seconds


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with running(tmp_path_factory.mktemp("brief"), "--keep-alive", str(KEPT)) as brief:
        yield brief


def test_no_request_is_lost_of_clients_that_close_first(brief: Web) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(brief.connect()) for _ in range(CLIENTS)]
        for client in clients:
            use(client, get("/"))
        began = time.monotonic()
        for number, client in enumerate(clients):
            time.sleep(max(0, began + (KEPT - 0.5) * number / CLIENTS - time.monotonic()))
            assert use(client, get("/")).status == 200


def test_what_idles_longer_is_closed(brief: Web) -> None:
    with brief.connect() as never_used, brief.connect() as used:
        use(used, get("/"))
        began = time.monotonic()
        assert used.recv(1) == never_used.recv(1) == b""

    assert KEPT - 0.5 < time.monotonic() - began < KEPT + 2


def test_they_cost_no_thread(web: Web) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            assert use(stack.enter_context(web.connect()), get("/")).headers["Connection"] == "keep-alive"
        assert web.seconds_for(get("/"), 20)[-1] < 1


def test_requests_that_are_sent_together_are_answered_in_turn(web: Web) -> None:
    with web.connect() as client:
        client.sendall(b"".join(get(f"/{number}", "Content-Length: 2", body="\r\n") for number in range(50)))
        client.sendall(get("/last", "Connection: close"))
        everything = b"".join(iter(lambda: client.recv(65536), b""))

    assert everything.count(b"HTTP/1.1 200 OK") == 51
    found = [everything.index(f'"PATH_INFO": "/{number}"'.encode()) for number in range(50)]
    assert found == sorted(found)


def test_a_client_that_sends_no_more_still_gets_its_answer(web: Web) -> None:
    with web.connect() as client:
        client.sendall(get("/?seconds=0.5"))
        client.shutdown(1)
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
