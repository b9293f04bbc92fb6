"""Without a majority of MongoDB's members nobody gets a 2xx; a repeat afterwards settles what became of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.eventually import eventually
from tests.flow.outcome import durations, recorded, settled
from tests.members import without_majority


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
