"""A Redis that does not answer costs one caller its timeout, and the next ones nothing."""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NoReturn

import pytest
from redis import AuthenticationError, BusyLoadingError, Redis, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, OutOfMemoryError
from redis.exceptions import TimeoutError as RedisTimeout

from swag_goals.circuit_breaker import CircuitBreaker, RedisUnavailable
from swag_goals.connections import connect_redis

CALLERS = 16


@pytest.fixture
def breaker() -> CircuitBreaker:
    return CircuitBreaker(Redis(), "test")


class Fails:
    """A question that Redis does not answer as it should; `asked` counts."""

    def __init__(self, error: RedisError) -> None:
        self.asked = 0
        self._error = error

    def __call__(self) -> NoReturn:
        self.asked += 1
        raise self._error


def ask_thrice(breaker: CircuitBreaker, question: Callable[[], NoReturn]) -> list[str]:
    """The causes that the callers get to know."""
    caught = []
    for _ in range(3):
        with pytest.raises(RedisUnavailable) as failure:
            breaker.call(question)
        caught.append(str(failure.value))
    return caught


def test_an_answer_is_passed_on(breaker: CircuitBreaker) -> None:
    assert breaker.call(lambda: "pong") == "pong"


@pytest.mark.parametrize("error", [RedisTimeout("of some address"), RedisConnectionError("to some address")])
def test_after_a_silence_nobody_asks_again_for_a_while(breaker: CircuitBreaker, error: RedisError) -> None:
    silent = Fails(error)

    known = ask_thrice(breaker, silent)

    assert silent.asked == 1
    assert known == [type(error).__name__] * 3


REFUSALS: dict[str, RedisError] = {
    "NOPERM": NoPermissionError("this user has no permissions", status_code="NOPERM"),
    "OOM": OutOfMemoryError("command not allowed", status_code="OOM"),
    "LOADING": BusyLoadingError("Redis is loading", status_code="LOADING"),
    "NOAUTH": AuthenticationError("Authentication required.", status_code="NOAUTH"),
    "WRONGTYPE": ResponseError("WRONGTYPE Operation against a key"),
    "NOREPLICAS": ResponseError("Command # 1 (SET a-KEY a-VALUE) of pipeline caused error: NOREPLICAS Not enough"),
}


@pytest.mark.parametrize(("code", "error"), REFUSALS.items(), ids=REFUSALS)
def test_a_refused_command_keeps_nobody_from_asking(breaker: CircuitBreaker, code: str, error: RedisError) -> None:
    refused = Fails(error)

    known = ask_thrice(breaker, refused)

    assert refused.asked == 3
    assert known == [code] * 3


@pytest.mark.parametrize("error", [RedisTimeout("of some address"), REFUSALS["NOREPLICAS"]], ids=["silent", "refuses"])
def test_it_is_logged_once_until_redis_works_again(
    breaker: CircuitBreaker, error: RedisError, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CircuitBreaker, "REST", 0.0)

    ask_thrice(breaker, Fails(error))
    breaker.call(lambda: "pong")
    ask_thrice(breaker, Fails(error))

    lines = [(line.message, vars(line)["purpose"], vars(line)["cause"]) for line in caplog.records]
    known = ("redis refuses", "NOREPLICAS") if error in REFUSALS.values() else ("redis is unavailable", "TimeoutError")
    assert lines == [(known[0], "test", known[1])] * 2


def test_after_its_rest_one_caller_asks_again_and_the_others_wait_for_nothing(
    breaker: CircuitBreaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RedisUnavailable):
        breaker.call(Fails(RedisTimeout()))
    rest_is_over = time.monotonic() + CircuitBreaker.REST
    monkeypatch.setattr("swag_goals.circuit_breaker.time.monotonic", lambda: rest_is_over)
    asked, answer = threading.Event(), threading.Event()

    def slow() -> str:
        asked.set()
        answer.wait(30)
        return "pong"

    with ThreadPoolExecutor() as threads:
        probe = threads.submit(breaker.call, slow)
        assert asked.wait(30)
        for _ in range(3):
            with pytest.raises(RedisUnavailable):
                breaker.call(lambda: "pong")
        answer.set()
        assert probe.result() == "pong"

    assert breaker.call(lambda: "pong") == "pong"


def test_a_call_that_ends_well_while_the_next_one_looks_does_not_disturb_it(
    breaker: CircuitBreaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answer, now = threading.Event(), threading.Event(), time.monotonic()

    def slow() -> str:
        asked.set()
        answer.wait(30)
        return "pong"

    with ThreadPoolExecutor() as threads:
        early = threads.submit(breaker.call, slow)
        assert asked.wait(30)
        with pytest.raises(RedisUnavailable):
            breaker.call(Fails(RedisTimeout()))

        def meanwhile() -> float:
            answer.set()
            early.result(30)
            return now

        monkeypatch.setattr("swag_goals.circuit_breaker.time.monotonic", meanwhile)
        with pytest.raises(RedisUnavailable):
            breaker.call(lambda: "pong")


def test_callers_are_answered_side_by_side(breaker: CircuitBreaker) -> None:
    all_at_once = threading.Barrier(CALLERS, timeout=30)

    with ThreadPoolExecutor(CALLERS) as threads:
        answers = list(threads.map(breaker.call, [all_at_once.wait] * CALLERS))

    assert sorted(answers) == list(range(CALLERS))


def test_all_who_wait_when_it_freezes_wait_for_one_timeout_and_the_next_ones_for_nothing(
    breaker: CircuitBreaker,
) -> None:
    all_wait, asked = threading.Barrier(CALLERS, timeout=30), []

    def freeze() -> NoReturn:
        asked.append(all_wait.wait())
        raise RedisTimeout

    with ThreadPoolExecutor(CALLERS) as threads:
        waiting = [threads.submit(breaker.call, freeze) for _ in range(CALLERS)]
        assert {type(caller.exception()) for caller in waiting} == {RedisUnavailable}
    with pytest.raises(RedisUnavailable):
        breaker.call(freeze)

    assert len(asked) == CALLERS


def test_a_fault_that_is_not_redis_own_comes_through_and_changes_nothing(breaker: CircuitBreaker) -> None:
    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 / 0)

    assert breaker.call(lambda: "pong") == "pong"


@pytest.mark.parametrize("options", ["", "?socket_timeout=60&socket_connect_timeout=60&retry_on_timeout=true"])
def test_a_frozen_server_is_not_waited_for_whatever_its_url_says(options: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = connect_redis(f"redis://127.0.0.1:{silent.getsockname()[1]}/0{options}", timedelta(seconds=0.1))
        began = time.monotonic()
        with connection, pytest.raises(RedisTimeout):
            connection.ping()
    assert time.monotonic() - began < 5


def test_a_name_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up, says_something = socket.getaddrinfo, threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: says_something.wait(30) and look_up("127.0.0.1", port))
        connection = connect_redis(f"redis://cache.example:{port}/0", timedelta(seconds=0.1))

        began = time.monotonic()
        with connection, pytest.raises(RedisTimeout):
            connection.ping()
        waited = time.monotonic() - began
        says_something.set()

        assert waited < 5
        with server.accept()[0] as too_late:
            too_late.settimeout(30)
            assert too_late.recv(1) == b""
