"""How often a goal, and a streamer's goals together, may be extended."""

import json
import signal
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.client import Answer, ask, bearer, extend
from tests.api.forge import Forge
from tests.eventually import eventually
from tests.factories import OneToOne, new_id

KEY = "Idempotency-Key"
GOALS, STREAMERS, REQUESTS = 3, 5, 4

Documents = Database[dict[str, Any]]


@pytest.fixture(scope="module")
def limited(servers: Stack) -> Iterator[Stack]:
    """A web with low limits that last all day, and a Redis of its own."""
    shared = {name: value for name, value in servers.settings.items() if name != "REDIS_URL"}
    limits = {"RATE_LIMIT_GOAL": f"{GOALS}/day", "RATE_LIMIT_STREAMER": f"{STREAMERS}/day"}
    with Stack(processes={"web": 1}, settings=shared | limits) as limited:
        yield limited


@pytest.fixture
def one(limited: Stack, documents: Documents) -> OneToOne:
    return factories.one_to_one(documents)


def press(stack: Stack, one: OneToOne, times: int) -> list[int]:
    return [extend(stack, one).status for _ in range(times)]


def another_goal(documents: Documents, one: OneToOne) -> OneToOne:
    other = OneToOne(streamer_id=one.streamer_id)
    factories.goal(documents, other)
    return other


def test_a_goal_s_limit(limited: Stack, documents: Documents, one: OneToOne) -> None:
    assert press(limited, one, GOALS + 2) == [202] * GOALS + [429] * 2
    assert documents["extension"].count_documents({"goal_id": ObjectId(one.goal_id)}) == GOALS


def test_a_streamer_s_limit(limited: Stack, documents: Documents, one: OneToOne) -> None:
    other = another_goal(documents, one)

    assert press(limited, one, GOALS) + press(limited, other, GOALS) == [202] * STREAMERS + [429]


def test_one_streamer_s_do_not_touch_another_s(limited: Stack, documents: Documents, one: OneToOne) -> None:
    press(limited, one, GOALS + 1)

    assert press(limited, factories.one_to_one(documents), 1) == [202]


def test_says_when_to_come_again(limited: Stack, one: OneToOne) -> None:
    press(limited, one, GOALS)

    answer = extend(limited, one)

    assert (answer.status, answer.body["code"]) == (429, "too_many_extensions")
    assert 1 <= int(answer.headers["Retry-After"]) <= 24 * 3600


def test_a_repeat_never_counts(limited: Stack, one: OneToOne) -> None:
    repeats = [extend(limited, one, (KEY, "one")).status for _ in range(2 * GOALS)]

    assert repeats + press(limited, one, GOALS) == [202] * (2 * GOALS + GOALS - 1) + [429]


def test_nor_do_repeats_at_the_same_time(limited: Stack, one: OneToOne) -> None:
    with ThreadPoolExecutor(8) as threads:
        repeats = list(threads.map(lambda _: extend(limited, one, (KEY, "one")).status, range(24)))

    assert repeats + press(limited, one, GOALS) == [202] * (24 + GOALS - 1) + [429]


def test_a_repeat_is_let_through_when_the_limit_is_used_up(limited: Stack, one: OneToOne) -> None:
    extend(limited, one, (KEY, "one"))
    press(limited, one, GOALS)

    assert extend(limited, one, (KEY, "one")).status == 202


def test_what_is_refused_does_not_count(limited: Stack, documents: Documents, one: OneToOne) -> None:
    press(limited, one, GOALS + 10)

    assert press(limited, another_goal(documents, one), 3) == [202] * (STREAMERS - GOALS) + [429]


def test_without_redis_all_are_let_through_and_later_counted_again(limited: Stack, one: OneToOne) -> None:
    limited.stop("redis")
    try:
        assert press(limited, one, GOALS + 2) == [202] * (GOALS + 2)
    finally:
        limited.start("redis")

    eventually(lambda: press(limited, one, 1) == [429])


def seconds(stack: Stack, one: OneToOne) -> float:
    """How long a call takes that is let through."""
    started = time.monotonic()
    assert extend(stack, one).status == 202
    return time.monotonic() - started


def test_a_frozen_redis_holds_up_one_caller_and_lets_all_through(
    limited: Stack, documents: Documents, one: OneToOne
) -> None:
    usual = statistics.median(seconds(limited, factories.one_to_one(documents)) for _ in range(5))
    limited.signal("redis", signal.SIGSTOP)
    try:
        frozen = statistics.median(seconds(limited, one) for _ in range(GOALS + 6))
    finally:
        limited.signal("redis", signal.SIGCONT)

    # Each would wait 0.2 s for the limits and 0.2 s for the queue, if each were to ask.
    assert frozen < usual + 0.2
    eventually(lambda: press(limited, one, 1) == [429])


@pytest.fixture(scope="module")
def counted(servers: Stack) -> Iterator[Stack]:
    """A web with a low limit of requests that lasts all day, and servers of its own."""
    with Stack(processes={"web": 1}, settings={"RATE_LIMIT_REQUESTS": f"{REQUESTS}/day"}) as counted:
        yield counted


def extend_by(stack: Stack, token: tuple[str, str], goal_id: str, key: str = "") -> Answer:
    headers = [token, (KEY, key or new_id())]
    return ask(stack, "PUT", f"/goals/{goal_id}/extend", headers)


def test_requests_of_one_token_are_limited_whatever_they_are_answered(counted: Stack) -> None:
    streamer = new_id()
    token, other = bearer(counted, streamer, "CREATOR"), bearer(counted, streamer, "CREATOR")

    statuses = [extend_by(counted, token, new_id()).status for _ in range(REQUESTS)]
    refused = extend_by(counted, token, new_id())

    assert statuses == [404] * REQUESTS
    assert (refused.status, refused.body["code"]) == (429, "too_many_extensions")
    assert 0 < int(refused.headers["Retry-After"] or 0) <= 86400
    assert extend_by(counted, other, new_id()).status == 404


def test_a_repeat_counts_as_a_request_too(counted: Stack) -> None:
    with factories.database(counted) as database:
        one = factories.one_to_one(database)
    token = bearer(counted, one.streamer_id, "CREATOR")

    answers = [extend_by(counted, token, one.goal_id, "the-same").status for _ in range(REQUESTS + 1)]

    assert answers == [202] * REQUESTS + [429]


def test_they_are_counted_before_mongodb_is_asked(counted: Stack) -> None:
    token = bearer(counted, new_id(), "CREATOR")
    for _ in range(REQUESTS):
        extend_by(counted, token, new_id())
    counted.signal("mongod-1", signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert extend_by(counted, token, new_id()).status == 429
        assert time.monotonic() - began < 1
    finally:
        counted.signal("mongod-1", signal.SIGCONT)


def test_a_jti_of_any_text_is_counted(counted: Stack) -> None:
    forge = Forge(json.loads(counted.settings["JWT_KEYS"]))
    token = ("Authorization", f"Bearer {forge.token(jti=chr(0xD800), scopes=['CREATOR'])}")

    assert [extend_by(counted, token, new_id()).status for _ in range(REQUESTS + 1)] == [404] * REQUESTS + [429]
