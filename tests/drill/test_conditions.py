"""What a chaos does to members and clocks is done to them indeed."""

import random
import time
from collections.abc import Iterator

import pytest
from pymongo import MongoClient, WriteConcern

from dev.drill.links import Way
from dev.drill.system import System
from dev.stack.waiting import wait_until

SEED = 6
SLOW = 1.5  # seconds


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System(lambda text: None, random.Random(SEED), members=3, processes={}, apart=True) as system:
        assert wait_until(lambda: system.primary() is not None, 30)
        yield system


def seconds_to_write(system: System) -> float:
    """Until it is on the disks of a majority."""
    began = time.monotonic()
    system.database.get_collection("drilled", write_concern=WriteConcern(w="majority", j=True)).insert_one({})
    return time.monotonic() - began


def test_the_clock_of_each_member_is_as_wrong_as_it_is_said_to_be(system: System) -> None:
    for (host, port), name in system.members.items():
        with MongoClient[dict[str, object]](host, port, directConnection=True, tz_aware=True) as member:
            now = member.admin.command("hello")["localTime"].timestamp()
            assert now - time.time() == pytest.approx(system.clocks[name], abs=1)
    assert max(system.clocks.values()) - min(system.clocks.values()) > 4


def test_a_write_waits_for_disks_that_are_slow(system: System) -> None:
    first, second, _ = system.members.values()
    with system.slow_disk(first, SLOW), system.slow_disk(second, SLOW):
        assert seconds_to_write(system) > SLOW / 2  # from the middle of a sync that is under way, at best
    seconds_to_write(system)
    assert seconds_to_write(system) < SLOW / 2


def test_who_is_cut_off_from_the_others_alone_is_followed_by_another_primary(system: System) -> None:
    before = system.primary()
    assert before
    ways = [Way((before, other)) for other in system.members.values() if other != before]
    with system.links.cut(ways):
        assert wait_until(lambda: system.primary() not in (None, before), 30)
        address = next(address for address, name in system.members.items() if name == before)
        with MongoClient[dict[str, object]](*address, directConnection=True, timeoutMS=5000) as cut_off:
            assert not cut_off.admin.command("hello")["isWritablePrimary"]  # clients reach it all the same
    assert seconds_to_write(system) < 10
