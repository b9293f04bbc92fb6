"""Long reads go on after a failover, behind what was read; and give up where there is no new primary."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pymongo.errors import AutoReconnect, CursorNotFound, OperationFailure, PyMongoError

from swag_goals.documents import ledger_stream
from swag_goals.documents.ledger_stream import resumed
from swag_goals.time_limits import MAX_BEHIND

FAILOVERS: list[PyMongoError] = [AutoReconnect("no primary"), CursorNotFound("gone")]


class Numbers:
    """Reads the numbers to ten, and fails before each of these once for each time that it stands there."""

    def __init__(self, *fails: int, error: PyMongoError = FAILOVERS[0]) -> None:
        self._fails, self._error = list(fails), error

    def __call__(self, after: int | None) -> Iterator[tuple[int, int]]:
        for number in range((after or 0) + 1, 11):
            if number in self._fails:
                self._fails.remove(number)
                raise self._error
            yield number, number


@pytest.mark.parametrize("error", FAILOVERS, ids=lambda error: type(error).__name__)
def test_each_comes_once_however_often_the_primary_dies(error: PyMongoError) -> None:
    assert list(resumed(Numbers(1, 1, 4, 5, 5, 5, 10, error=error))) == list(range(1, 11))


def test_another_error_ends_it() -> None:
    with pytest.raises(OperationFailure):
        list(resumed(Numbers(4, error=OperationFailure("not authorized"))))


def test_each_failover_may_take_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 10_000, 25))
    monkeypatch.setattr("swag_goals.documents.ledger_stream.time.monotonic", lambda: next(now))

    assert list(resumed(Numbers(2, 4, 6, 8))) == list(range(1, 11))


def test_what_is_complete_is_so_by_the_clock_of_before_a_majority_confirmed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    asked: list[str] = []

    def server_time() -> datetime:
        asked.append("clock")
        return now

    monkeypatch.setattr(ledger_stream, "server_time", server_time)
    monkeypatch.setattr(ledger_stream, "await_majority", lambda: asked.append("majority"))

    assert ledger_stream.complete_until() == now - MAX_BEHIND
    assert asked == ["clock", "majority"]


def test_without_a_new_primary_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 10_000, 25))
    monkeypatch.setattr("swag_goals.documents.ledger_stream.time.monotonic", lambda: next(now))
    read: list[int] = []

    with pytest.raises(AutoReconnect):
        read.extend(resumed(Numbers(*[4] * 20)))

    assert read == [1, 2, 3]
