"""More clients, or more calls, than there is room for."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from tests.api.client import read_any
from tests.eventually import eventually
from tests.server.web import Web, get, running, use

THREADS = 16
ROOM = 20  # connections
FILES = 200
OWN_THREADS = ("/healthz", "/readyz", "/healthz?x", "/admission", "/admission?x", "/admission/srs")


@contextmanager
def hanging(web: Web, seconds: int) -> Iterator[None]:
    """All threads are taken for so long; at the end they are free again."""
    with ExitStack() as stack:
        for _ in range(THREADS):
            stack.enter_context(web.connect()).sendall(get(f"/?seconds={seconds}"))
        yield
    eventually(lambda: web.ask(get("/")).status == 200)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with running(tmp_path_factory.mktemp("narrow"), "--worker-connections", str(ROOM), files=FILES) as narrow:
        yield narrow


def test_a_probe_and_who_is_at_the_door_wait_for_no_other_call(web: Web) -> None:
    with hanging(web, 4):
        seconds = {path: web.seconds_for(get(path), 20) for path in OWN_THREADS}

    assert {path: taken for path, taken in seconds.items() if taken[10] >= 0.1 or taken[-1] >= 1} == {}


def test_a_call_that_no_thread_takes_up_is_to_be_repeated(web: Web) -> None:
    with hanging(web, 6):
        began = time.monotonic()
        answer = web.ask(get("/"))
        seconds = time.monotonic() - began

    assert (answer.status, answer.body["code"]) == (503, "overloaded")
    assert answer.headers["Retry-After"] == "2"
    assert 2 <= seconds < 5


def test_one_that_is_taken_up_is_waited_for(web: Web) -> None:
    assert web.ask(get("/?seconds=3")).status == 200


def test_the_client_that_has_been_silent_longest_makes_room(narrow: Web) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(narrow.connect()) for _ in range(ROOM)]
        used = stack.enter_context(narrow.connect())

        assert use(used, get("/")).status == 200
        assert silent[0].recv(1) == b""
        assert use(silent[-1], get("/")).status == 200
        assert use(used, get("/")).status == 200


def test_any_number_of_silent_clients_keeps_nobody_out(narrow: Web) -> None:
    with ExitStack() as stack:
        for _ in range(20 * ROOM):
            stack.enter_context(narrow.connect())
        assert narrow.seconds_for(get("/"), 20)[-1] < 1


def test_a_rush_of_clients_does_not_use_up_the_files(narrow: Web) -> None:
    (worker,) = psutil.Process(narrow.pid).children()
    with ExitStack() as stack:
        worker.suspend()
        try:
            for _ in range(2 * FILES):
                stack.enter_context(narrow.connect())
        finally:
            worker.resume()
        assert narrow.ask(get("/")).status == 200

    assert "Too many open files" not in narrow.log.read_text()


def test_a_call_that_is_being_answered_makes_no_room(narrow: Web) -> None:
    call = get("/?seconds=1")
    with narrow.connect() as early, ExitStack() as stack:
        use(early, get("/"))
        early.sendall(call)
        for _ in range(2 * ROOM):
            assert use(stack.enter_context(narrow.connect()), get("/healthz")).status == 200
        assert read_any(early, call).status == 200
