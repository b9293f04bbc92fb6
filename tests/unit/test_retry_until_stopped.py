"""What the sweeper does again and again: when it pauses, and what it outlives."""

import threading
from collections.abc import Callable, Iterable

import pytest
from pymongo.errors import AutoReconnect, PyMongoError

from swag_goals.jobs.processes import retry_until_stopped


class Stop(threading.Event):
    """Set by the first pause."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def retries(outcomes: Iterable[int | Exception]) -> Callable[[], int]:
    its = iter(outcomes)

    def retry() -> int:
        outcome = next(its)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return retry


def test_it_pauses_once_there_is_nothing_to_do() -> None:
    retry = retries([500, 1, 0, 7])

    retry_until_stopped(retry, Stop(), PyMongoError, "mongodb is unavailable")

    assert retry() == 7


def test_it_outlives_an_outage_says_so_and_pauses(caplog: pytest.LogCaptureFixture) -> None:
    retry = retries([1, AutoReconnect("mongodb://user:password@host"), 7])

    retry_until_stopped(retry, Stop(), PyMongoError, "mongodb is unavailable")

    assert retry() == 7
    assert [(line.message, vars(line)["cause"]) for line in caplog.records] == [
        ("mongodb is unavailable", "AutoReconnect")
    ]


def test_any_other_error_ends_it() -> None:
    with pytest.raises(LookupError):
        retry_until_stopped(retries([LookupError()]), Stop(), PyMongoError, "mongodb is unavailable")
