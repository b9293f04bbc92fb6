"""`stream.authorized` notifies each viewer of its permission in absolute values."""

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from swag_goals.documents.extension import Extension
from swag_goals.events.stream_authorized import Event, channel, events

STREAMER, GOAL, SESSION, EXTENSION = (ObjectId(digit * 24) for digit in "1234")
NBF, EXP, NOW = (datetime(2026, 1, 31, 12, minute, tzinfo=UTC) for minute in (0, 6, 5))


def notified(permissions: dict[str, Any]) -> list[Event]:
    extension = Extension(id=EXTENSION, streamer_id=STREAMER, goal_id=GOAL, session_id=SESSION)
    return events(extension, permissions, 1_700_000_000_000, NOW)


def test_the_event_is_the_contracts() -> None:
    viewer = "a" * 24

    (event,) = notified({viewer: {"nbf": NBF, "duration": 360, "exp": EXP}})

    assert event.name == "stream.authorized"
    assert event.channel == channel(str(STREAMER), viewer)
    assert event.data == {
        "session_id": str(SESSION),
        "goal_id": str(GOAL),
        "viewer_id": viewer,
        "nbf": "2026-01-31T12:00:00.000Z",
        "duration": 360,
        "exp": "2026-01-31T12:06:00.000Z",
        "extension_id": str(EXTENSION),
        "revision": 1_700_000_000_000,
        "server_time": "2026-01-31T12:05:00.000Z",
    }


def test_each_viewer_has_an_event_on_a_channel_of_its_own() -> None:
    permission = {"nbf": NBF, "duration": 360, "exp": EXP}

    both = notified({"a" * 24: permission, "b" * 24: permission | {"duration": 60}})

    assert [event.channel[-24:] for event in both] == ["a" * 24, "b" * 24]
    assert [event.data["duration"] for event in both] == [360, 60]


def test_who_has_no_whole_permission_has_no_event() -> None:
    permission = {"nbf": NBF, "duration": 360, "exp": EXP}

    assert notified({"a" * 24: None, **{name[0] * 24: permission | {name: None} for name in permission}}) == []


def test_a_whole_double_is_sent_as_an_integer() -> None:
    (event,) = notified({"a" * 24: {"nbf": NBF, "duration": 360.0, "exp": EXP}})

    assert type(event.data["duration"]) is int
