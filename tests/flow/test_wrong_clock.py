"""A web host whose clock is wrong grants nothing by it: times are MongoDB's."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.factories import OneToOne, seconds_from_now
from tests.flow.outcome import permissions, settled

SOON = timedelta(seconds=20)  # less than the clocks are apart, and long for a call


def web(stack: Stack, wrong_by: int) -> Stack:
    """The system with one more web process, whose clock is so many seconds ahead."""
    wrong_clock = {"PYTHONPATH": str(Path(__file__).parent / "wrong_clock"), "WRONG_BY": str(wrong_by)}
    return Stack(processes={"web": 1}, settings=stack.settings | wrong_clock)


@pytest.fixture(scope="module", params=[-30, 30], ids=["behind", "ahead"])
def wrong(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Stack]:
    """By half a minute."""
    with web(stack, request.param) as wrong:
        yield wrong


@pytest.fixture(scope="module", params=[-3600, 3600], ids=["an hour behind", "an hour ahead"])
def door(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Stack]:
    """By an hour, which is longer than any permission here."""
    with web(stack, request.param) as door:
        yield door


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


def ask(door: Stack, database: Database[dict[str, Any]], *, ends_in: float, **ticket: Any) -> HTTPResponse:
    """GET /admission for a viewer whose permission ends so many seconds from now, by MongoDB's clock."""
    one = OneToOne()
    factories.session(database, one.session_id, viewers={one.viewers[0]: factories.permission(ends_in=ends_in)})
    uri = f"/live/{one.session_id}/index.m3u8?ticket={factories.ticket(door.settings, one, **ticket)}"
    proxys = {"X-Admission-Secret": door.settings["ADMISSION_SECRET"], "X-Forwarded-Uri": uri}
    with closing(HTTPConnection(urlsplit(door.urls["web"]).netloc)) as proxy:
        proxy.request("GET", "/admission", headers=proxys)
        answer = proxy.getresponse()
    assert abs(parsedate_to_datetime(answer.headers["Date"]) - seconds_from_now(0)) > SOON  # the clock is wrong indeed
    return answer


def test_at_the_door_it_lets_in_who_has_time_left(door: Stack, database: Database[dict[str, Any]]) -> None:
    answer = ask(door, database, ends_in=250)

    assert answer.status == 204
    assert abs(datetime.fromisoformat(answer.headers["X-Permission-Expires"]) - seconds_from_now(250)) < SOON


def test_at_the_door_it_lets_nobody_in_who_has_none(door: Stack, database: Database[dict[str, Any]]) -> None:
    assert ask(door, database, ends_in=-60).status == 403


def test_at_the_door_a_ticket_expires_by_the_right_clock(door: Stack, database: Database[dict[str, Any]]) -> None:
    now = int(time.time())

    assert ask(door, database, ends_in=250, iat=now - 60, exp=now + 600).status == 204
    assert ask(door, database, ends_in=250, iat=now - 3600, exp=now - 600).status == 401
