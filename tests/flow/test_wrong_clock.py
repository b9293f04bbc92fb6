"""A web host whose clock is wrong grants nothing by it: times are MongoDB's."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.factories import OneToOne, seconds_from_now
from tests.flow.outcome import permissions, settled

SOON = timedelta(seconds=20)  # less than the clocks are apart, and long for a call


@pytest.fixture(scope="module", params=[-30, 30], ids=["behind", "ahead"])
def wrong(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Stack]:
    """The system with one more web process, whose clock is half a minute wrong."""
    wrong_clock = {"PYTHONPATH": str(Path(__file__).parent / "wrong_clock"), "WRONG_BY": str(request.param)}
    with Stack(processes={"web": 1}, settings=stack.settings | wrong_clock) as wrong:
        yield wrong


def extend(wrong: Stack, one: OneToOne) -> Any:
    # Not issued in the future, as the wrong clock sees it.
    issued = int(time.time()) - 60
    signed = factories.token(wrong.settings, one.streamer_id, iat=issued)
    return factories.call(wrong, "PUT", f"/goals/{one.goal_id}/extend", signed)


def test_it_changes_nothing(wrong: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    requested_at = seconds_from_now(0)

    answer = extend(wrong, one)

    assert answer.status == 202
    assert abs(parsedate_to_datetime(answer.headers["Date"]) - requested_at) > SOON  # the clock is wrong indeed
    done = settled(database, answer.body["id"])
    for name in ("requested_at", "nbf", "applied_nbf", "applied_at", "notified_at"):
        assert requested_at - SOON < done[name] < requested_at + SOON
    assert done["applied_nbf"] == done["nbf"]
    (permission,) = permissions(database, one).values()
    assert permission["exp"] == done["nbf"] + timedelta(seconds=60)


def test_it_answers_with_the_right_time(wrong: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    token = factories.token(wrong.settings, one.viewers[0], iat=int(time.time()) - 60)

    shown = factories.call(wrong, "GET", f"/sessions/{one.session_id}/permissions/me", token).body

    assert abs(seconds_from_now(0) - datetime.fromisoformat(shown["server_time"])) < SOON
