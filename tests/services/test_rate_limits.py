"""How windows of rate limits follow one another, and how long Redis keeps them."""

from types import SimpleNamespace
from typing import Any

import pytest
from bson import ObjectId

from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.services import rate_limits
from swag_goals.services.rate_limits import LimitExceeded, RateLimits
from swag_goals.settings import Rate
from tests.factories import OneToOne

MINUTE, DAY = 60, 86400
MIDNIGHT = 20_000 * DAY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that stands still, at the beginning of a day."""
    clock = SimpleNamespace(now=float(MIDNIGHT))
    monkeypatch.setattr(rate_limits, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


def retry_after(limits: RateLimits, one: OneToOne) -> int:
    """Of one more extension; 0 where it may be made."""
    try:
        limits.count(ObjectId(), one.goal_id, one.streamer_id)
    except LimitExceeded as exceeded:
        return exceeded.retry_after
    return 0


def test_a_window_is_full_until_the_next_one_begins(breaker: CircuitBreaker, clock: SimpleNamespace) -> None:
    limits, one = RateLimits(breaker, Rate(2, MINUTE), None, None), OneToOne()

    assert [retry_after(limits, one) for _ in range(3)] == [0, 0, 60]
    clock.now += 59.5
    assert retry_after(limits, one) == 1
    clock.now += 0.5
    assert [retry_after(limits, one) for _ in range(3)] == [0, 0, 60]


def test_of_two_full_windows_the_longer_one_is_waited_for(breaker: CircuitBreaker, clock: SimpleNamespace) -> None:
    for goal, streamer in ((Rate(1, MINUTE), Rate(1, DAY)), (Rate(1, DAY), Rate(1, MINUTE))):
        limits, one = RateLimits(breaker, goal, streamer, None), OneToOne()

        assert [retry_after(limits, one) for _ in range(2)] == [0, DAY]


def test_a_limit_that_is_off_lets_all_through(breaker: CircuitBreaker) -> None:
    one = OneToOne()
    for limits in (RateLimits(breaker, None, Rate(1, DAY), None), RateLimits(breaker, Rate(1, DAY), None, None)):
        assert retry_after(limits, one) == 0
        assert retry_after(limits, one) > 0
    off = RateLimits(breaker, None, None, None)
    for _ in range(3):
        off.count_request("a")
        assert retry_after(off, one) == 0


def test_requests_of_a_token_are_counted_anew_in_the_next_window(
    breaker: CircuitBreaker, clock: SimpleNamespace
) -> None:
    limits = RateLimits(breaker, None, None, Rate(2, MINUTE))
    for _ in range(2):
        limits.count_request("a")
    limits.count_request("b")
    with pytest.raises(LimitExceeded) as exceeded:
        limits.count_request("a")
    assert exceeded.value.retry_after == 60

    clock.now += 60
    limits.count_request("a")


def test_redis_forgets_every_window(breaker: CircuitBreaker) -> None:
    limits = RateLimits(breaker, Rate(2, MINUTE), Rate(2, MINUTE), Rate(2, MINUTE))

    limits.count_request("a token")
    retry_after(limits, OneToOne())

    redis: Any = breaker.client
    windows = redis.keys("*")
    assert len(windows) == 3
    assert all(MINUTE < redis.ttl(window) <= 2 * MINUTE for window in windows)
    assert not any(b"a token" in window for window in windows)
