"""What a process knows of permissions: how long it answers from that, who shares a lookup, and MongoDB away."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId, Timestamp
from pymongo.errors import ConnectionFailure, ServerSelectionTimeoutError

from swag_goals.documents.session import Session
from swag_goals.documents.snapshot import Snapshot
from swag_goals.services import known_permissions
from swag_goals.services.known_permissions import KnownPermissions, KnownSession, ends
from swag_goals.time_limits import LOOKUP_REST, MAX_KNOWN, NO_FRESH, YES_FRESH

SESSION, VIEWER = "a" * 24, "b" * 24
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Time:
    """Stands still until it is told otherwise; MongoDB's clock is `behind` more."""

    def __init__(self) -> None:
        self.monotonic_now = 1000.0

    def monotonic(self) -> float:
        return self.monotonic_now

    def time(self) -> float:
        return 0.0

    def passes(self, time: timedelta) -> None:
        self.monotonic_now += time.total_seconds()


class Sessions:
    """Stands for MongoDB's: every session has one viewer, whose permission ends then."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self.ends_in = 300.0  # seconds from NOW
        self.is_away = False
        self.lookups: list[list[str]] = []
        self.after: list[Timestamp | None] = []
        self.asked, self.let_go = threading.Event(), threading.Event()
        self.let_go.set()

    def snapshots(self, ids: list[ObjectId], after: Timestamp | None) -> tuple[dict[str, Snapshot], Timestamp]:
        self.after.append(after)
        self.lookups.append(sorted(map(str, ids)))
        self.asked.set()
        assert self.let_go.wait(10)
        if self.is_away:
            raise ServerSelectionTimeoutError("mongodb://user:hunter2@host")
        now = NOW + timedelta(seconds=self._time.monotonic() - 1000)
        permission = {"nbf": NOW, "duration": 300, "exp": NOW + timedelta(seconds=self.ends_in)}
        return {str(each): Snapshot(1, now, {VIEWER: permission}) for each in ids}, Timestamp(len(self.lookups), 0)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(known_permissions, "time", time)
    return time


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch, time: Time) -> Iterator[Sessions]:
    sessions = Sessions(time)
    monkeypatch.setattr(Session, "snapshots", sessions.snapshots)
    yield sessions
    sessions.let_go.set()


def left(known: KnownSession) -> float:
    return round(known.seconds_left(VIEWER), 3)


def test_a_yes_is_answered_from_memory_for_two_seconds(sessions: Sessions, time: Time) -> None:
    known = KnownPermissions()
    known.find(SESSION, VIEWER)

    time.passes(YES_FRESH - timedelta(milliseconds=1))
    assert left(known.find(SESSION, VIEWER)) == 298.001
    assert len(sessions.lookups) == 1
    time.passes(timedelta(milliseconds=1))
    known.find(SESSION, VIEWER)
    assert len(sessions.lookups) == 2


def test_a_no_is_asked_for_again_soon_so_that_an_extension_ends_it(sessions: Sessions, time: Time) -> None:
    known = KnownPermissions()
    sessions.ends_in = 0
    assert left(known.find(SESSION, VIEWER)) <= 0

    sessions.ends_in = 60
    time.passes(NO_FRESH)

    assert left(known.find(SESSION, VIEWER)) == 59.9


def test_an_extension_before_the_end_is_known_at_the_end(sessions: Sessions, time: Time) -> None:
    known = KnownPermissions()
    sessions.ends_in = 1
    known.find(SESSION, VIEWER)

    sessions.ends_in = 61
    time.passes(timedelta(seconds=1))

    assert left(known.find(SESSION, VIEWER)) == 60


def test_a_read_follows_the_one_before_it_also_at_another_primary(sessions: Sessions, time: Time) -> None:
    known = KnownPermissions()
    for _ in range(3):
        known.find(SESSION, VIEWER)
        time.passes(YES_FRESH)

    assert sessions.after == [None, Timestamp(1, 0), Timestamp(2, 0)]


def test_a_viewer_of_another_session_or_none_has_no_time(sessions: Sessions) -> None:
    assert KnownPermissions().find(SESSION, "c" * 24).seconds_left("c" * 24) <= 0


def test_who_asks_while_a_lookup_is_under_way_shares_the_next(sessions: Sessions) -> None:
    known = KnownPermissions()
    ids = [f"{number:024x}" for number in range(6)]
    sessions.let_go.clear()
    with ThreadPoolExecutor(20) as threads:
        first = threads.submit(known.find, SESSION, VIEWER)
        assert sessions.asked.wait(10)
        others = [threads.submit(known.find, each, VIEWER) for each in ids for _ in range(3)]
        while len(known._next[0]) < len(ids):
            pass
        sessions.let_go.set()
        assert {left(each.result()) for each in (first, *others)} == {300.0}

    assert sessions.lookups == [[SESSION], ids]


def test_while_mongodb_is_away_who_is_known_goes_on_for_a_minute(sessions: Sessions, time: Time) -> None:
    known = KnownPermissions()
    known.find(SESSION, VIEWER)
    sessions.is_away = True

    time.passes(MAX_KNOWN - timedelta(seconds=1))
    assert left(known.find(SESSION, VIEWER)) == 241
    time.passes(timedelta(seconds=1))
    with pytest.raises(ConnectionFailure):
        known.find(SESSION, VIEWER)


def test_while_mongodb_is_away_who_is_known_goes_on_until_the_known_end(sessions: Sessions, time: Time) -> None:
    known = KnownPermissions()
    sessions.ends_in = 10
    known.find(SESSION, VIEWER)
    sessions.is_away = True

    time.passes(timedelta(seconds=9))
    assert left(known.find(SESSION, VIEWER)) == 1
    time.passes(timedelta(seconds=1))
    with pytest.raises(ConnectionFailure):
        known.find(SESSION, VIEWER)


def test_a_permission_that_ends_while_a_lookup_fails_is_not_known_to_be_over(sessions: Sessions, time: Time) -> None:
    """It may have been extended, as far as this process knows."""
    known = KnownPermissions()
    sessions.ends_in = 3
    known.find(SESSION, VIEWER)
    sessions.is_away = True
    time.passes(YES_FRESH)
    sessions.let_go.clear()

    with ThreadPoolExecutor(1) as threads:
        sessions.asked.clear()
        answer = threads.submit(known.find, SESSION, VIEWER)
        assert sessions.asked.wait(10)
        time.passes(timedelta(seconds=1))
        sessions.let_go.set()
        assert isinstance(answer.exception(), ConnectionFailure)


def test_while_mongodb_is_away_others_are_not_answered(sessions: Sessions) -> None:
    sessions.is_away = True

    with pytest.raises(ServerSelectionTimeoutError):
        KnownPermissions().find(SESSION, VIEWER)


def test_a_mongodb_that_is_away_is_asked_once_a_second_and_found_again(sessions: Sessions, time: Time) -> None:
    known = KnownPermissions()
    sessions.is_away = True
    for session in ("1" * 24, "2" * 24, "3" * 24):
        with pytest.raises(ConnectionFailure):
            known.find(session, VIEWER)
    assert sessions.lookups == [["1" * 24]]

    time.passes(LOOKUP_REST)
    for session in ("2" * 24, "3" * 24):
        with pytest.raises(ConnectionFailure):
            known.find(session, VIEWER)
    assert sessions.lookups == [["1" * 24], ["2" * 24]]

    sessions.is_away = False
    time.passes(LOOKUP_REST)
    assert left(known.find("3" * 24, VIEWER)) > 0
    assert left(known.find("1" * 24, VIEWER)) > 0


def test_who_waits_behind_a_lookup_that_fails_does_not_wait_for_another(sessions: Sessions) -> None:
    known = KnownPermissions()
    sessions.is_away = True
    sessions.let_go.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(known.find, "1" * 24, VIEWER)
        assert sessions.asked.wait(10)
        second = threads.submit(known.find, "2" * 24, VIEWER)
        while not known._next[0]:
            pass
        sessions.let_go.set()
        assert isinstance(first.exception(), ConnectionFailure)
        assert isinstance(second.exception(), ConnectionFailure)

    assert sessions.lookups == [["1" * 24]]


@pytest.mark.parametrize(
    ("permission", "is_one"),
    [
        ({"nbf": NOW, "duration": 1, "exp": NOW}, True),
        ({"nbf": None, "duration": None, "exp": NOW}, True),
        ({"exp": NOW}, True),
        ({"nbf": NOW + timedelta(milliseconds=1), "duration": 1, "exp": NOW + timedelta(1)}, False),
        ({"nbf": NOW, "duration": 1, "exp": None}, False),
        ({"nbf": NOW, "duration": 1, "exp": 4102444800}, False),
        ({"nbf": "now", "duration": 1, "exp": NOW}, False),
        ({}, False),
        ([], False),
        (None, False),
        (True, False),
    ],
)
def test_a_permission_that_is_not_begun_or_not_readable_is_none(permission: Any, is_one: bool) -> None:
    found = ends(Snapshot(1, NOW, {VIEWER: permission, "c" * 24: {"exp": NOW}}))

    assert found == ({VIEWER: NOW.timestamp()} if is_one else {}) | {"c" * 24: NOW.timestamp()}


@pytest.mark.parametrize("viewers", [None, [], "x", 1])
def test_viewers_that_are_none_have_no_time(viewers: Any) -> None:
    assert ends(Snapshot(1, NOW, viewers)) == {}


def test_what_is_known_is_bounded_and_the_last_ones_stay(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_permissions, "MAX_KEPT", 10)
    known = KnownPermissions()
    for number in range(100):
        known.find(f"{number:024x}", VIEWER)

    assert list(known._sessions) == [f"{number:024x}" for number in range(90, 100)]


def test_sessions_without_anybody_are_bounded_as_well(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody with a token can ask for tickets of sessions that there are not."""
    monkeypatch.setattr(known_permissions, "MAX_KEPT", 10)
    monkeypatch.setattr(known_permissions, "ends", lambda _snapshot: {})
    known = KnownPermissions()
    for number in range(100):
        known.find(f"{number:024x}", VIEWER)

    assert len(known._sessions) == 10


def test_viewers_count_and_not_sessions(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_permissions, "MAX_KEPT", 10)
    monkeypatch.setattr(known_permissions, "ends", lambda _snapshot: dict.fromkeys(map(str, range(4)), 0.0))
    known = KnownPermissions()
    for number in (*range(5), *range(5)):
        known.find(f"{number:024x}", VIEWER)
        assert known._kept == sum(len(each.ends) for each in known._sessions.values()) <= 10

    assert len(known._sessions) == 2
