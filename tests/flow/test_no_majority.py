"""Without a majority of MongoDB's members nobody gets a 2xx; a repeat afterwards settles what became of it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Any

import pytest
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.time_limits import MAX_ANSWER
from tests import factories
from tests.api.client import ask
from tests.eventually import eventually
from tests.factories import OneToOne
from tests.flow.outcome import durations, recorded, settled
from tests.members import without_majority

CALLERS = 40  # more than twice as many as a web has threads


@pytest.fixture
def three_members() -> Iterator[Stack]:
    with Stack(members=3) as three_members:
        yield three_members


@pytest.fixture
def database(three_members: Stack) -> Iterator[Database[dict[str, Any]]]:
    with factories.database(three_members) as database:
        yield database


def test_both_secondaries_frozen(three_members: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    settled(database, factories.extend(three_members, one, "before").body["id"])

    with without_majority(three_members):
        unknown = factories.extend(three_members, one, "meanwhile")

    assert unknown.status == 503
    assert int(unknown.headers["Retry-After"]) >= 1
    eventually(lambda: factories.extend(three_members, one, "meanwhile").status in (200, 202), within=60)
    settled(database, factories.extend(three_members, one, "meanwhile").body["id"])
    assert durations(database, one) == [420]
    assert len(recorded(database, one)) == 2


def test_more_callers_than_threads(three_members: Stack, database: Database[dict[str, Any]]) -> None:
    """Each is answered in time, and the process that waits for them answers who asks whether it lives."""
    goals = [factories.one_to_one(database) for _ in range(CALLERS)]

    with without_majority(three_members), ThreadPoolExecutor(CALLERS) as threads:
        calls = [threads.submit(seconds_to_503, three_members, one) for one in goals]
        time.sleep(1)  # until all threads of the web are taken
        probes = [seconds_for(three_members, "/healthz") for _ in range(40)]
        assert not all(call.done() for call in calls)
        seconds = [call.result() for call in calls]

    assert median(probes) < 0.1
    assert max(probes) < 1
    assert max(seconds) < MAX_ANSWER.total_seconds()
    for one in goals:
        eventually(partial(is_extended, three_members, one), within=60)
        assert len(recorded(database, one)) == 1


def seconds_to_503(stack: Stack, one: OneToOne) -> float:
    began = time.monotonic()
    refused = factories.extend(stack, one, "press")
    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) >= 1
    return time.monotonic() - began


def is_extended(stack: Stack, one: OneToOne) -> bool:
    return factories.extend(stack, one, "press").status in (200, 202)


def seconds_for(stack: Stack, path: str) -> float:
    began = time.monotonic()
    assert ask(stack, "GET", path).status == 200
    return time.monotonic() - began
