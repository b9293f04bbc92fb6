"""PUT /goals/{goal_id}/extend, from the streamer's browser to the viewers' own."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from dev.stack.listener import Listener
from dev.stack.stack import Stack
from swag_goals.events.stream_authorized import channel
from swag_goals.times import iso
from tests import factories
from tests.eventually import eventually
from tests.factories import OneToOne, new_id
from tests.flow.outcome import durations, permissions, settled


def test_a_viewer_who_has_used_up_300_seconds_gets_60_more(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    (before,) = permissions(database, one).values()

    answer = factories.extend(stack, one)

    assert answer.status == 202
    assert answer.body["status"] == "pending"
    done = settled(database, answer.body["id"])
    (after,) = permissions(database, one).values()
    assert after["nbf"] == before["nbf"]
    assert after["duration"] == 360
    assert (after["exp"] - done["applied_nbf"]).total_seconds() == 60
    assert done["permissions"] == {one.viewers[0]: after}
    assert done["before"] == {one.viewers[0]: before}


def test_each_viewers_browser_is_notified_of_its_own_permission(
    stack: Stack, database: Database[dict[str, Any]]
) -> None:
    one = factories.one_to_one(database, count=2)
    channels = [channel(one.streamer_id, viewer) for viewer in one.viewers]

    with Listener(stack.settings, channels) as listener:
        answer = factories.extend(stack, one)
        events = listener.wait_until(lambda events: {e.channel for e in events} == set(channels), timeout=60)

    now = permissions(database, one)
    for event in events:
        assert event.name == "stream.authorized"
        assert event.data["extension_id"] == answer.body["id"]
        permission = now[event.data["viewer_id"]]
        assert event.channel == channel(one.streamer_id, event.data["viewer_id"])
        assert (event.data["nbf"], event.data["exp"]) == (iso(permission["nbf"]), iso(permission["exp"]))
        assert event.data["duration"] == 360


def test_references_as_object_ids_are_the_same_as_text(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = OneToOne(viewers=[new_id(), new_id()])
    context = {"session_id": ObjectId(one.session_id), "exclusive_to": [ObjectId(viewer) for viewer in one.viewers]}
    factories.goal(database, one, context=context, metadata={"user": {"id": ObjectId(one.streamer_id)}})
    factories.session(database, one.session_id, viewers={})

    answer = factories.extend(stack, one)

    settled(database, answer.body["id"])
    assert durations(database, one) == [60, 60]


def test_the_answer_is_the_extension_as_it_stands(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)

    answer = factories.extend(stack, one, "key-1")

    path = f"/goals/{one.goal_id}/extensions/{answer.body['id']}"
    assert answer.headers["Location"] == answer.body["links"]["self"] == path
    settled(database, answer.body["id"])
    assert factories.call(stack, "GET", path, factories.token(stack.settings, one.streamer_id)).body["status"] == "done"


def test_one_that_cannot_be_applied_shows_why_to_the_streamer(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = OneToOne()
    factories.goal(database, one)
    factories.session(database, one.session_id, viewers=[])
    token = factories.token(stack.settings, one.streamer_id)

    answer = factories.extend(stack, one)

    def rejection() -> Any:
        shown = factories.call(stack, "GET", answer.body["links"]["self"], token).body
        return shown["reason"] if shown["status"] == "rejected" else None

    assert eventually(rejection)["code"] == "viewers_unreadable"
