"""Redis fails over: its address leads to the promoted replica, and nothing of the program is restarted."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.database import Database
from redis import Redis

from dev.stack.forwarder import Forwarder
from dev.stack.stack import LIMITLESS, Stack
from tests import factories
from tests.eventually import eventually
from tests.flow.outcome import durations, settled
from tests.refusing_redis import port_of, redis_servers

PROCESSES = ("web", "worker", "sweeper")
CALLERS = 8


@pytest.fixture(scope="module")
def pair() -> Iterator[list[Redis]]:
    """Two servers of Redis: the primary, and its replica."""
    with redis_servers(2) as pair:
        replicate(pair[1], pair[0])
        yield pair


@pytest.fixture(scope="module")
def address(pair: list[Redis]) -> Iterator[Forwarder]:
    """What leads to the primary. Connections stay with the server that they were made to."""
    with Forwarder(port_of(pair[0])) as address:
        yield address


@pytest.fixture(scope="module")
def own(address: Forwarder) -> Iterator[Stack]:
    """The whole system, whose Redis is at that address."""
    with Stack(settings=LIMITLESS | {"REDIS_URL": f"redis://127.0.0.1:{address.port}/0"}) as own:
        yield own


@pytest.fixture(scope="module")
def database(own: Stack) -> Iterator[Database[dict[str, Any]]]:
    with factories.database(own) as database:
        yield database


def replicate(replica: Redis, primary: Redis) -> None:
    replica.replicaof("127.0.0.1", port_of(primary))
    eventually(lambda: replica.info("replication")["master_link_status"] == "up")


def extend_at_once(own: Stack, database: Database[dict[str, Any]]) -> float:
    """Extend new goals side by side, each once; the seconds until the last of them is done."""
    goals = [factories.one_to_one(database) for _ in range(CALLERS)]
    began = time.monotonic()
    with ThreadPoolExecutor(CALLERS) as threads:
        answers = list(threads.map(lambda one: factories.extend(own, one), goals))
    for one, answer in zip(goals, answers, strict=True):
        assert answer.status == 202
        settled(database, answer.body["id"])
        assert durations(database, one) == [360]
    return time.monotonic() - began


def test_extensions_are_given_within_seconds_and_soon_at_once_again(
    own: Stack, database: Database[dict[str, Any]], pair: list[Redis], address: Forwarder
) -> None:
    before, after = pair
    usual = extend_at_once(own, database)
    pids = [own.pid(name) for name in PROCESSES]

    after.replicaof("NO", "ONE")
    address.to = port_of(after)
    replicate(before, after)
    first = extend_at_once(own, database)

    assert first < usual + 10
    # By the queue again, since a sweeper comes after two seconds.
    eventually(lambda: extend_at_once(own, database) < usual + 1.5)
    assert [own.pid(name) for name in PROCESSES] == pids
    assert after.exists("swag_goals:sweeper")


def test_a_primary_that_lost_its_replicas_is_left_for_the_one_behind_its_address(
    own: Stack, database: Database[dict[str, Any]], pair: list[Redis], address: Forwarder
) -> None:
    """It refuses writes by itself, as it does when it is cut off and nobody can demote it."""
    after, before = pair
    usual = extend_at_once(own, database)

    after.replicaof("NO", "ONE")
    address.to = port_of(after)
    before.config_set("min-replicas-to-write", 1)
    try:
        first = extend_at_once(own, database)
        eventually(lambda: extend_at_once(own, database) < usual + 1.5)
    finally:
        before.config_set("min-replicas-to-write", 0)

    assert first < usual + 10
