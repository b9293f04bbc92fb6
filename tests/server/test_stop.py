"""SIGTERM: newcomers are refused, calls are finished, and nobody who is silent is waited for."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.api.client import read_any
from tests.eventually import eventually
from tests.server.slow_clients import HEAD
from tests.server.web import Web, get, running, use

CALL = get("/?seconds=1.5")
ENDS_WITHIN = 5  # seconds after the last answer; about one on a machine that has nothing else to do


@pytest.fixture(params=[1, 2], ids=["one worker", "two workers"])
def leaving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web that a test stops, with ten clients that never sent anything, and ten that keep their connections."""
    with running(tmp_path_factory.mktemp("leaving"), workers=request.param) as leaving, ExitStack() as stack:
        for number in range(20):
            client = stack.enter_context(leaving.connect())
            assert number < 10 or use(client, get("/")).headers["Connection"] == "keep-alive"
        yield leaving


def seconds_to_end(web: Web) -> float:
    began = time.monotonic()
    eventually(lambda: not web.is_running())
    return time.monotonic() - began


def is_refused(web: Web) -> bool:
    try:
        web.connect().close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("group", [False, True], ids=["to the first process", "to all processes"])
def test_idle_clients_hold_no_stop(leaving: Web, group: bool) -> None:
    leaving.stop(group=group)

    assert seconds_to_end(leaving) < ENDS_WITHIN


def test_a_call_is_finished_and_says_that_its_connection_ends(leaving: Web) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(leaving.connect()) for _ in range(8)]
        for client in clients:
            use(client, get("/"))
            client.sendall(CALL)
        leaving.stop()
        answers = [read_any(client, CALL) for client in clients]

    assert {answer.status for answer in answers} == {200}
    assert {answer.headers["Connection"] for answer in answers} == {"close"}
    assert seconds_to_end(leaving) < ENDS_WITHIN


def test_newcomers_are_refused_while_a_call_is_finished(leaving: Web) -> None:
    call = get("/?seconds=5")
    with leaving.connect() as client:
        use(client, get("/"))
        client.sendall(call)
        leaving.stop()
        eventually(lambda: is_refused(leaving), within=4)
        assert all(is_refused(leaving) for _ in range(20))
        assert read_any(client, call).status == 200


@pytest.mark.parametrize("workers", [1, 2], ids=["one worker", "two workers"])
def test_a_request_that_was_on_its_way_is_answered(tmp_path: Path, workers: int) -> None:
    with (
        running(tmp_path, "--config tests/server/lingering.py", workers=workers) as leaving,
        leaving.connect() as used,
        leaving.connect() as new,
    ):
        use(used, get("/"))
        leaving.stop()
        eventually(lambda: is_refused(leaving), within=5)
        time.sleep(1)  # so long they are on their way
        answers = [use(client, get("/")) for client in (used, new)]

    assert [answer.headers["Connection"] for answer in answers] == ["close", "close"]


def test_a_request_that_does_not_go_on_holds_no_stop(leaving: Web) -> None:
    with leaving.connect() as client:
        client.sendall(HEAD.first)
        leaving.stop()
        assert client.recv(100).startswith(b"HTTP/1.1 408 ")
        assert seconds_to_end(leaving) < ENDS_WITHIN


def test_a_call_that_takes_too_long_is_cut_off(leaving: Web) -> None:
    with leaving.connect() as client:
        use(client, get("/"))
        client.sendall(get("/?seconds=20"))
        leaving.stop()
        assert 8 < seconds_to_end(leaving) < 12
