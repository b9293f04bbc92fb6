"""How long a Pusher that does not take calls is left alone, and who finds out whether it is back."""

from types import SimpleNamespace

import pytest

from swag_goals.events import pusher_breaker
from swag_goals.events.pusher_breaker import MAX_FAILURES, PusherBreaker
from swag_goals.events.pusher_channels import PusherChannels
from swag_goals.events.stream_authorized import Event
from swag_goals.settings import PusherApp
from swag_goals.time_limits import MAX_PUSHER_REST, PUSHER_REST, PUSHER_TIMEOUT

REST = PUSHER_REST.total_seconds()


class Clock(SimpleNamespace):
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pusher_breaker, "time", clock)
    return clock


@pytest.fixture
def breaker(clock: Clock) -> PusherBreaker:
    return PusherBreaker()


def rested(breaker: PusherBreaker, clock: Clock) -> float:
    """For how many tenths of seconds it is left alone from now on, in seconds."""
    began = clock.now
    while breaker.resting:
        clock.now += 0.1
    return round(clock.now - began, 1)


def test_while_it_takes_calls_all_are_made(breaker: PusherBreaker) -> None:
    assert breaker.answers
    for _ in range(5):
        assert breaker.admits()
        breaker.succeeded()


def test_one_that_fails_is_asked_on_until_it_has_failed_so_often_in_a_row(breaker: PusherBreaker, clock: Clock) -> None:
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            breaker.failed(silent=False)
            assert (breaker.admits(), breaker.answers) == (True, False)
        breaker.succeeded()
        assert breaker.answers

    for _ in range(MAX_FAILURES):
        breaker.failed(silent=False)

    assert not breaker.admits()
    assert rested(breaker, clock) == REST


def test_a_silent_one_is_left_alone_at_once(breaker: PusherBreaker, clock: Clock) -> None:
    breaker.failed(silent=True)

    assert not breaker.admits()
    assert rested(breaker, clock) == REST


@pytest.mark.parametrize(("asked", "rest"), [(0.5, REST), (7.0, 7.0), (86400.0, MAX_PUSHER_REST.total_seconds())])
def test_one_that_asks_for_a_rest_gets_it_within_bounds(
    breaker: PusherBreaker, clock: Clock, asked: float, rest: float
) -> None:
    breaker.failed(silent=False, retry_after=asked)

    assert rested(breaker, clock) == rest


def test_after_a_rest_one_call_finds_out_and_the_others_wait_for_that(breaker: PusherBreaker, clock: Clock) -> None:
    breaker.failed(silent=True)
    rested(breaker, clock)

    assert [breaker.admits() for _ in range(3)] == [True, False, False]

    assert rested(breaker, clock) == PUSHER_TIMEOUT.total_seconds()
    assert breaker.admits()
    breaker.succeeded()
    assert [breaker.admits() for _ in range(3)] == [True, True, True]


# Of the second libcurl asks no name server.
@pytest.mark.parametrize("host", ["127.0.0.1", "pusher.onion"])
def test_one_that_is_not_there_is_a_silent_one(host: str) -> None:
    nowhere = PusherChannels(PusherApp("1", "key", "secret", host, 1, tls=False))

    assert nowhere.trigger([Event("presence-stream-viewer@", "stream.authorized", {})]) == []
    assert nowhere.breaker.resting
