"""What the sweeper does again and again: when it pauses, and what it outlives."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from pymongo.errors import AutoReconnect, PyMongoError

from swag_goals.jobs import processes
from swag_goals.jobs.processes import retry_until_stopped
from swag_goals.services import retry_notifications, retry_overdue


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


@pytest.fixture
def _handlers() -> Iterator[None]:
    """Those of pytest are there again afterwards."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sweeper_notifies_whatever_goes_wrong_until_it_is_stopped_and_ends_what_it_began(
    app: Flask, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    looks, notified = count(), count()
    ended: list[bool] = []

    def look(_: object) -> int:
        if next(looks) > 20_000:
            os.kill(os.getpid(), number)
        return 0

    def notify() -> int:
        if next(notified) == 0:
            raise LookupError
        os.kill(os.getpid(), number)
        time.sleep(0.2)  # longer than the other half needs to end
        ended.append(True)
        return 0

    monkeypatch.setattr(processes, "SWEEP_PAUSE", timedelta(milliseconds=1))
    monkeypatch.setattr(retry_overdue, "sweep", look)
    monkeypatch.setattr(retry_notifications, "retry_notifications", notify)

    with app.app_context():
        assert app.test_cli_runner().invoke(args=["sweep"]).exit_code == 0
    assert ended == [True]


def test_any_other_error_ends_it() -> None:
    with pytest.raises(LookupError):
        retry_until_stopped(retries([LookupError()]), Stop(), PyMongoError, "mongodb is unavailable")
