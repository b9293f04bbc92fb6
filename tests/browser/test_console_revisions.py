"""Which of two events a viewer's browser believes: never a lower revision; at the same one the later server_time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.events.pusher_channels import PusherChannels
from swag_goals.events.stream_authorized import NAME, Event, channel
from swag_goals.settings import Settings
from swag_goals.times import iso
from tests import factories
from tests.browser.console import Console, expect_seconds_left

TAKEN, DROPPED = "Taken", "Dropped, older than what is known"


def notify(stack: Stack, one: factories.OneToOne, data: dict[str, Any]) -> None:
    """Send `stream.authorized` to the first viewer."""
    pusher = PusherChannels(Settings.from_environ(stack.settings).pusher)
    event = Event(channel(one.streamer_id, one.viewers[0]), NAME, data)
    assert pusher.trigger([event]) == [event]


def later(time: str, seconds: float) -> str:
    """A time of the wire, moved."""
    return iso(datetime.fromisoformat(time) + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("revision", "server_time", "verdict"),
    [(+1, -60, TAKEN), (-1, +60, DROPPED), (0, +60, TAKEN), (0, -60, DROPPED)],
    ids=["higher revision", "lower revision", "same revision, later", "same revision, earlier"],
)
def test_the_later_word_stands(
    console: Console, database: Database[dict[str, Any]], revision: int, server_time: int, verdict: str
) -> None:
    stack = console.stack
    one = factories.one_to_one(database)
    viewer = console.viewer(one)
    extension = factories.extend(stack, one).body
    expect(viewer.locator("#received > li")).to_have_count(1)
    known = permission(stack, one)

    data = known | {
        "goal_id": one.goal_id,
        "extension_id": extension["id"],
        "exp": later(known["exp"], 120),
        "revision": known["revision"] + revision,
        "server_time": later(known["server_time"], server_time),
    }
    notify(stack, one, data)

    expect(heard(viewer)).to_contain_text(verdict)
    if verdict == TAKEN:
        expect_seconds_left(viewer, 130, 180)
    else:
        expect_seconds_left(viewer, 10, 60)


def permission(stack: Stack, one: factories.OneToOne) -> dict[str, Any]:
    """What the service says now."""
    token = factories.token(stack.settings, one.viewers[0])
    return factories.call(stack, "GET", f"/sessions/{one.session_id}/permissions/me", token).body


def heard(viewer: Page) -> Any:
    """The newest event on the viewer's page, when there are two."""
    events = viewer.locator("#received > li")
    expect(events).to_have_count(2)
    return events.first
