"""A Redis that does not answer costs one caller its timeout, and the next ones nothing."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import NoReturn

import pytest
from redis import Redis
from redis.exceptions import TimeoutError as RedisTimeout

from swag_goals.circuit_breaker import CircuitBreaker, RedisUnavailable
from swag_goals.connections import connect_redis


@pytest.fixture
def breaker() -> CircuitBreaker:
    return CircuitBreaker(Redis())


class Frozen:
    """A question to a Redis that does not answer; `asked` counts."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> NoReturn:
        self.asked += 1
        raise RedisTimeout


def test_an_answer_is_passed_on(breaker: CircuitBreaker) -> None:
    assert breaker.call(lambda: "pong") == "pong"


def test_after_a_failure_nobody_asks_again_for_a_while(breaker: CircuitBreaker) -> None:
    frozen = Frozen()

    for _ in range(3):
        with pytest.raises(RedisUnavailable):
            breaker.call(frozen)

    assert frozen.asked == 1


def test_after_its_rest_it_is_asked_again(breaker: CircuitBreaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CircuitBreaker, "REST", 0.0)
    with pytest.raises(RedisUnavailable):
        breaker.call(Frozen())

    assert breaker.call(lambda: "pong") == "pong"


@pytest.fixture
def be_answered(breaker: CircuitBreaker) -> Iterator[Callable[[], None]]:
    """A caller waits for Redis, until this is called."""
    waiting, answer = threading.Event(), threading.Event()

    def slow() -> bool:
        waiting.set()
        return answer.wait(30)

    def be_answered() -> None:
        answer.set()
        caller.join()

    caller = threading.Thread(target=breaker.call, args=(slow,))
    caller.start()
    waiting.wait(30)
    yield be_answered
    be_answered()


def test_while_one_waits_for_redis_the_others_do_not(
    breaker: CircuitBreaker, be_answered: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CircuitBreaker, "TURN", 30.0)

    with pytest.raises(RedisUnavailable):
        breaker.call(lambda: "pong")
    be_answered()

    assert breaker.call(lambda: "pong") == "pong"


def test_once_one_did_not_wait_for_it_any_longer_nobody_else_waits_at_all(
    breaker: CircuitBreaker, be_answered: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RedisUnavailable):
        breaker.call(lambda: "pong")
    monkeypatch.setattr(CircuitBreaker, "SILENCE", 30.0)
    asked_at = time.monotonic()
    with pytest.raises(RedisUnavailable):
        breaker.call(lambda: "pong")

    assert time.monotonic() - asked_at < 10
    be_answered()
    assert breaker.call(lambda: "pong") == "pong"


def test_a_queue_that_moves_is_waited_in(breaker: CircuitBreaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CircuitBreaker, "TURN", 30.0)
    monkeypatch.setattr(CircuitBreaker, "SILENCE", 2.0)

    with ThreadPoolExecutor(5) as callers:
        answers = list(callers.map(breaker.call, [lambda: time.sleep(0.6)] * 5))

    assert answers == [None] * 5


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
