"""Long reads go on after a failover, behind what was read; and give up where there is no new primary."""

from collections.abc import Iterator

import pytest
from pymongo.errors import AutoReconnect, CursorNotFound, OperationFailure, PyMongoError

from swag_goals.documents.ledger_stream import resumed

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


def test_without_a_new_primary_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 10_000, 25))
    monkeypatch.setattr("swag_goals.documents.ledger_stream.time.monotonic", lambda: next(now))
    read: list[int] = []

    with pytest.raises(AutoReconnect):
        read.extend(resumed(Numbers(*[4] * 20)))

    assert read == [1, 2, 3]
