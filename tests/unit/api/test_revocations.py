"""What a process knows of revoked tokens while MongoDB comes and goes."""

import threading
from datetime import timedelta

import pytest
from pymongo.errors import AutoReconnect, ConnectionFailure

from swag_goals.auth import revocations
from swag_goals.auth.revocations import Revocations


class Collection:
    """Stands for the documents: what `scalar` gives, or that MongoDB is away."""

    def __init__(self) -> None:
        self.jtis: list[str] | None = []
        self.asked, self.let_go = threading.Event(), threading.Event()
        self.let_go.set()

    @property
    def objects(self) -> "Collection":
        return self

    def scalar(self, _field: str) -> list[str]:
        self.asked.set()
        self.let_go.wait()
        if self.jtis is None:
            raise AutoReconnect("mongodb://user:hunter2@host")
        return self.jtis


@pytest.fixture
def collection(monkeypatch: pytest.MonkeyPatch) -> Collection:
    collection = Collection()
    monkeypatch.setattr(revocations, "RevokedToken", collection)
    return collection


@pytest.fixture
def always_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocations, "REVOCATIONS_FRESH", timedelta(0))


def test_what_was_never_read_lets_nobody_in(collection: Collection) -> None:
    collection.jtis = None
    known = Revocations()

    for _ in range(2):
        with pytest.raises(ConnectionFailure):
            assert "any" in known


@pytest.mark.usefixtures("always_stale")
def test_what_was_read_once_stays_known_without_mongodb(collection: Collection) -> None:
    collection.jtis = ["revoked"]
    known = Revocations()
    assert "revoked" in known

    collection.jtis = None

    assert "revoked" in known
    assert "other" not in known


@pytest.mark.usefixtures("always_stale")
def test_what_comes_later_is_known_later(collection: Collection) -> None:
    known = Revocations()
    assert "revoked" not in known

    collection.jtis = ["revoked"]

    assert "revoked" in known


@pytest.mark.usefixtures("always_stale")
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


@pytest.mark.usefixtures("always_stale")
def test_what_is_old_is_read_again_before_anybody_is_let_in(
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
