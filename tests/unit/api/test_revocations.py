"""What a process knows of revoked tokens while MongoDB comes and goes."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo import _csot
from pymongo.errors import AutoReconnect, ConnectionFailure

from swag_goals import time_limits
from swag_goals.auth import revocations
from swag_goals.auth.revocations import KNOWN_IN_A_ROW, Revocations


class Collection:
    """Stands for MongoDB's: what is in it, oldest first, or that it does not answer."""

    def __init__(self) -> None:
        self.jtis: list[Any] | None = []
        self.database = SimpleNamespace(client=SimpleNamespace(primary=("one", 27017)))
        self.read: list[Any] = []
        self.finds = 0
        self.left: float | None = None  # seconds for the last question
        self.happens: Callable[[], None] = lambda: None
        self.asked, self.let_go = threading.Event(), threading.Event()
        self.let_go.set()

    def _get_collection(self) -> "Collection":
        return self

    def find(self, _query: dict[str, Any], _fields: dict[str, Any]) -> "Collection":
        self.finds += 1
        self.left = _csot.remaining()
        self.happens()
        self.asked.set()
        self.let_go.wait()
        if self.jtis is None:
            raise AutoReconnect("mongodb://user:hunter2@host")
        self._order = list(self.jtis)
        return self

    def sort(self, _key: str, _direction: int) -> "Collection":
        self._order.reverse()
        return self

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for jti in self._order:
            self.read.append(jti)
            yield {"_id": jti}


@pytest.fixture
def collection(monkeypatch: pytest.MonkeyPatch) -> Collection:
    collection = Collection()
    monkeypatch.setattr(revocations, "RevokedToken", collection)
    return collection


@pytest.fixture
def never_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocations, "REVOCATIONS_FRESH", timedelta(0))


def test_what_was_never_read_lets_nobody_in(collection: Collection) -> None:
    collection.jtis = None
    known = Revocations()

    for _ in range(2):
        with pytest.raises(ConnectionFailure):
            assert "any" in known


@pytest.mark.usefixtures("never_fresh")
def test_what_was_read_a_moment_ago_stays_known_without_mongodb(collection: Collection) -> None:
    collection.jtis = ["revoked"]
    known = Revocations()
    assert "revoked" in known

    collection.jtis = None

    assert "revoked" in known
    assert "other" not in known


def test_what_others_wrote_among_them_keeps_nobody_out(collection: Collection) -> None:
    collection.jtis = [{"a": 1}, 5, "revoked"]
    known = Revocations()

    assert "revoked" in known
    assert "other" not in known


def test_a_read_is_bounded_in_time(collection: Collection) -> None:
    assert "other" not in Revocations()

    assert collection.left is not None
    assert collection.left <= time_limits.REVOCATIONS_TIMEOUT.total_seconds()


def test_what_was_read_is_as_old_as_its_question(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(revocations, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def slow() -> None:
        now[0] += 1.5

    collection.happens = slow
    known = Revocations()
    assert "revoked" not in known

    now[0] += 1.0
    collection.jtis = ["revoked"]

    assert "revoked" in known


@pytest.mark.usefixtures("never_fresh")
def test_what_is_older_than_a_revocation_may_take_is_not_believed(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Revocations()
    assert "other" not in known
    collection.jtis = None
    monkeypatch.setattr(revocations, "MAX_REVOCATION", timedelta(0))

    with pytest.raises(ConnectionFailure):
        assert "other" in known


@pytest.mark.usefixtures("never_fresh")
def test_what_comes_later_is_known_later(collection: Collection) -> None:
    known = Revocations()
    assert "revoked" not in known

    collection.jtis = ["revoked"]

    assert "revoked" in known


@pytest.mark.usefixtures("never_fresh")
def test_of_many_the_newest_alone_are_read_again(collection: Collection) -> None:
    collection.jtis = list(map(str, range(10_000)))
    known = Revocations()
    assert "0" in known
    collection.read.clear()
    collection.jtis += ["new", 5, {"any": "document"}, "newer"]

    assert "new" in known
    assert "newer" in known
    assert len(collection.read) < 3 * KNOWN_IN_A_ROW


@pytest.mark.usefixtures("never_fresh")
def test_one_that_stands_behind_some_that_are_known_is_read(collection: Collection) -> None:
    collection.jtis = list(map(str, range(1_000)))
    known = Revocations()
    assert "0" in known

    collection.jtis.insert(1_000 - KNOWN_IN_A_ROW + 1, "written side by side")

    assert "written side by side" in known


@pytest.mark.usefixtures("never_fresh")
def test_all_are_read_from_a_new_primary(collection: Collection) -> None:
    collection.jtis = list(map(str, range(1_000)))
    known = Revocations()
    assert "0" in known
    collection.jtis.insert(0, "in another order")
    assert "in another order" not in known

    collection.database.client.primary = ("two", 27017)

    assert "in another order" in known


@pytest.mark.usefixtures("never_fresh")
def test_all_are_read_again_after_a_while_and_the_expired_are_gone(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection.jtis = ["expired"]
    known = Revocations()
    assert "expired" in known
    collection.jtis = []

    monkeypatch.setattr(revocations, "REVOCATIONS_WHOLE", timedelta(0))

    assert "expired" not in known


@pytest.mark.usefixtures("never_fresh")
def test_nobody_waits_for_a_slow_mongodb_but_who_asks_it(collection: Collection) -> None:
    collection.jtis = ["revoked"]
    known = Revocations()
    assert "revoked" in known
    collection.asked.clear()
    collection.let_go.clear()
    asking = threading.Thread(target=lambda: "any" in known)
    asking.start()
    collection.asked.wait()
    try:
        assert "revoked" in known
        assert asking.is_alive()
    finally:
        collection.let_go.set()
        asking.join()


@pytest.mark.usefixtures("never_fresh")
def test_what_is_stale_is_read_again_before_anybody_is_let_in(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Revocations()
    assert "revoked" not in known
    monkeypatch.setattr(revocations, "REVOCATIONS_STALE", timedelta(0))
    collection.jtis = ["revoked"]
    collection.asked.clear()
    collection.let_go.clear()
    answers: list[bool] = []
    callers = [threading.Thread(target=lambda: answers.append("revoked" in known)) for _ in range(2)]
    for caller in callers:
        caller.start()
        collection.asked.wait()

    callers[1].join(0.1)  # with what is known it would have answered by now
    collection.let_go.set()
    for caller in callers:
        caller.join()

    assert answers == [True, True]


def test_nobody_waits_for_two_reads_that_fail(collection: Collection) -> None:
    """Or of many callers the last one would wait as long as all before it together."""
    collection.jtis = None
    collection.let_go.clear()
    known = Revocations()

    def ask() -> None:
        with pytest.raises(ConnectionFailure):
            assert "any" in known

    callers = [threading.Thread(target=ask) for _ in range(16)]
    for caller in callers:
        caller.start()
    collection.asked.wait()
    time.sleep(0.3)  # until the others wait behind the first one
    collection.let_go.set()
    for caller in callers:
        caller.join()

    assert collection.finds < 3
