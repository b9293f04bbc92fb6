"""What platforms and load balancers ask."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from redis import Redis

from dev.stack.stack import Stack
from swag_goals.api import health
from tests import factories
from tests.api.client import Answer, ask, extend, send
from tests.eventually import eventually
from tests.refusing_redis import NO_SCRIPTS, NO_TRANSACTIONS, NO_WRITES, work_again


@pytest.fixture(scope="module")
def own() -> Iterator[Stack]:
    """A web with servers of its own, which may be stopped."""
    with Stack(processes={"web": 1}) as own:
        yield own


def look(stack: Stack, path: str) -> Answer:
    return ask(stack, "GET", path)


def test_it_lives_and_is_ready(door: Stack) -> None:
    assert look(door, "/healthz").body == {"status": "ok"}
    assert look(door, "/readyz").body == {"status": "ok", "mongodb": "ok", "redis": "ok"}


@pytest.mark.parametrize("how", ["gone", "frozen"])
def test_without_redis_it_is_degraded_and_ready(own: Stack, how: str) -> None:
    if how == "gone":
        own.stop("redis")
    else:
        own.signal("redis", signal.SIGSTOP)
    try:
        eventually(lambda: look(own, "/readyz").body["redis"] == "away")
        answer = look(own, "/readyz")
    finally:
        own.start("redis") if how == "gone" else own.signal("redis", signal.SIGCONT)

    assert (answer.status, answer.body) == (200, {"status": "degraded", "mongodb": "ok", "redis": "away"})
    eventually(lambda: look(own, "/readyz").body["redis"] == "ok")


def test_who_asks_often_is_answered_by_one_look_a_second(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may ask, and a look costs three times what a refusal does."""
    looks: list[Redis] = []

    def refusals(client: Redis) -> dict[str, str]:
        looks.append(client)
        return {}

    monkeypatch.setattr(health, "refusals", refusals)
    client, began = app.test_client(), time.monotonic()

    assert {client.get("/readyz").status_code for _ in range(50)} == {200}
    assert 1 <= len(looks) <= time.monotonic() - began + 2


REFUSALS = {
    **{f"writes with {code}": ("refuses writes", refuse) for code, refuse in NO_WRITES.items()},
    **{f"scripts with {code}": ("refuses scripts", refuse) for code, refuse in NO_SCRIPTS.items()},
    **{f"transactions with {code}": ("refuses transactions", refuse) for code, refuse in NO_TRANSACTIONS.items()},
}


@pytest.mark.parametrize(("says", "refuse"), REFUSALS.values(), ids=REFUSALS)
def test_with_a_redis_that_refuses_what_it_needs_it_is_degraded_and_says_so(
    own: Stack, says: str, refuse: Callable[[Redis], object]
) -> None:
    with Redis.from_url(own.settings["REDIS_URL"]) as redis:
        eventually(lambda: look(own, "/readyz").body["redis"] == "ok")
        refuse(redis)
        try:
            eventually(lambda: look(own, "/readyz").body["redis"] == says)
            answer = look(own, "/readyz")
        finally:
            work_again(redis)

        assert (answer.status, answer.body) == (200, {"status": "degraded", "mongodb": "ok", "redis": says})
        eventually(lambda: look(own, "/readyz").body == {"status": "ok", "mongodb": "ok", "redis": "ok"})
        assert not redis.exists("swag_goals:attempt")


def test_without_mongodb_it_lives_and_is_not_ready(own: Stack) -> None:
    with factories.database(own) as database:
        one = factories.one_to_one(database)
    own.stop("mongod-1")
    try:
        with ThreadPoolExecutor() as threads:
            extension = threads.submit(extend, own, one)
            eventually(lambda: look(own, "/readyz").status == 503)
            lives, ready = look(own, "/healthz"), look(own, "/readyz")
            refused = extension.result()
    finally:
        own.start("mongod-1")

    assert lives.status == 200
    for answer in (ready, refused):
        assert (answer.status, answer.body["code"]) == (503, "database_unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    eventually(lambda: look(own, "/readyz").status == 200)
    eventually(lambda: extend(own, one).status == 202)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_neither_a_token_nor_a_body(door: Stack, path: str) -> None:
    assert send(door, f"GET {path} HTTP/1.0\r\n\r\n".encode()).status == 200
    assert send(door, f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()).content == b""
