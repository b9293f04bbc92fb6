"""GET /sessions/{session_id}/permissions: what stands in the session, for those it concerns."""

import re
from typing import Any

import pytest
from bson import Decimal128, Int64, ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.times import iso
from tests import factories
from tests.api.client import Answer, ask, bearer
from tests.factories import OneToOne, new_id, permission

Documents = Database[dict[str, Any]]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def one(ledger: Documents) -> OneToOne:
    return factories.one_to_one(ledger, count=2)


def mine(door: Stack, session_id: str, user: str) -> Answer:
    return ask(door, "GET", f"/sessions/{session_id}/permissions/me", [bearer(door, user)])


def all_of(door: Stack, session_id: str, user: str) -> Answer:
    return ask(door, "GET", f"/sessions/{session_id}/permissions", [bearer(door, user)])


def stored(ledger: Documents, one: OneToOne) -> dict[str, Any]:
    session = ledger["session"].find_one({"_id": ObjectId(one.session_id)})
    assert session
    return {
        viewer: {"nbf": iso(entry["nbf"]), "duration": entry["duration"], "exp": iso(entry["exp"])}
        for viewer, entry in session["viewers"].items()
    }


def test_a_viewer_sees_their_own(door: Stack, ledger: Documents, one: OneToOne) -> None:
    viewer = one.viewers[0]

    answer = mine(door, one.session_id, viewer)

    body = answer.body
    assert answer.status == 200
    assert TIME.fullmatch(body.pop("server_time"))
    expected = {"session_id": one.session_id, "viewer_id": viewer, "revision": None}
    assert body == expected | stored(ledger, one)[viewer]


@pytest.mark.parametrize("revision", [ObjectId("0" * 24), "1", 1.5, float("nan"), True, [], {}, b"1"], ids=str)
def test_a_revision_that_others_have_overwritten_is_unknown(
    door: Stack, ledger: Documents, one: OneToOne, revision: Any
) -> None:
    ledger["session"].update_one({"_id": ObjectId(one.session_id)}, {"$set": {"swag_goals.revision": revision}})

    for answer in (mine(door, one.session_id, one.viewers[0]), all_of(door, one.session_id, one.streamer_id)):
        assert answer.status == 200
        assert answer.body["revision"] is None


def test_the_streamer_sees_all(door: Stack, ledger: Documents, one: OneToOne) -> None:
    answer = all_of(door, one.session_id, one.streamer_id)

    body = answer.body
    assert answer.status == 200
    assert TIME.fullmatch(body.pop("server_time"))
    assert body == {"session_id": one.session_id, "revision": None, "permissions": stored(ledger, one)}


def test_the_revision_is_in_the_answer(door: Stack, ledger: Documents, one: OneToOne) -> None:
    ledger["session"].update_one({"_id": ObjectId(one.session_id)}, {"$set": {"swag_goals.revision": Int64(7)}})

    assert mine(door, one.session_id, one.viewers[0]).body["revision"] == 7
    assert all_of(door, one.session_id, one.streamer_id).body["revision"] == 7


@pytest.mark.parametrize(
    "of_the_goal", [{"active": False}, {"metadata": {"user": {"id": None}}}, {"context": {"session_id": None}}]
)
def test_whose_stream_it_is_says_any_exclusive_goal_that_names_it(
    door: Stack, ledger: Documents, one: OneToOne, of_the_goal: dict[str, Any]
) -> None:
    streamer = ObjectId()
    factories.goal(ledger, OneToOne(session_id=one.session_id), **of_the_goal)
    reference = {"session_id": ObjectId(one.session_id)}
    factories.goal(ledger, OneToOne(), active=False, metadata={"user": {"id": streamer}}, context=reference)

    assert all_of(door, one.session_id, str(streamer)).status == 200


def test_nobody_else_sees_all(door: Stack, ledger: Documents, one: OneToOne) -> None:
    other_kind = OneToOne(session_id=one.session_id)
    factories.goal(ledger, other_kind, _cls="Goal")
    several = OneToOne()
    factories.goal(ledger, several, context={"session_id": [one.session_id]})

    for user in (new_id(), one.viewers[0], other_kind.streamer_id, several.streamer_id):
        answer = all_of(door, one.session_id, user)
        assert (answer.status, answer.body["code"]) == (404, "session_not_found")


def test_a_viewer_without_one_gets_a_404(door: Stack, ledger: Documents, one: OneToOne) -> None:
    empty = new_id()
    factories.session(ledger, empty, viewers={one.viewers[0]: None})

    for session_id, user in (
        (one.session_id, new_id()),
        (new_id(), one.viewers[0]),
        ("x", one.viewers[0]),
        (one.session_id.upper() + "f", one.viewers[0]),
        (empty, one.viewers[0]),
    ):
        answer = mine(door, session_id, user)
        assert (answer.status, answer.body["code"]) == (404, "permission_not_found")


@pytest.mark.parametrize("viewers", [None, {}])
def test_a_session_without_viewers_has_no_permissions(door: Stack, ledger: Documents, viewers: Any) -> None:
    one = OneToOne()
    factories.goal(ledger, one)
    factories.session(ledger, one.session_id, viewers=viewers)

    assert all_of(door, one.session_id, one.streamer_id).body["permissions"] == {}


UNREADABLE: dict[str, Any] = {
    "a list": [],
    "a text": "x",
    "a number": 1,
    "exp is a number": permission() | {"exp": 1_700_000_000},
    "exp is a text": permission() | {"exp": "2026-01-31T12:00:00Z"},
    "nbf is a list": permission() | {"nbf": [None]},
    "duration is a text": permission(duration="300"),
    "duration is not whole": permission(duration=300.5),
    "duration is true": permission(duration=True),
    "duration is no number": permission(duration=float("nan")),
    "duration is infinite": permission(duration=float("inf")),
    "duration is a decimal": permission(duration=Decimal128("300")),
    "duration is an object": permission(duration={"seconds": 300}),
}


@pytest.mark.parametrize("entry", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_one_is_a_conflict(door: Stack, ledger: Documents, entry: Any) -> None:
    one = OneToOne()
    factories.goal(ledger, one)
    factories.session(ledger, one.session_id, viewers={one.viewers[0]: entry})

    for answer in (mine(door, one.session_id, one.viewers[0]), all_of(door, one.session_id, one.streamer_id)):
        assert (answer.status, answer.body["code"]) == (409, "permission_unreadable")


@pytest.mark.parametrize("foreign", factories.UNDECODABLE.values(), ids=factories.UNDECODABLE)
def test_one_in_which_others_keep_what_cannot_be_decoded_is_answered(
    door: Stack, ledger: Documents, foreign: Any
) -> None:
    one = OneToOne()
    factories.goal(ledger, one)
    viewers = {one.viewers[0]: permission() | {"foreign": foreign}, new_id(): permission() | {"nbf": foreign}}
    factories.session(ledger, one.session_id, viewers=viewers)
    readable, unreadable = viewers

    assert mine(door, one.session_id, readable).status == 200
    assert mine(door, one.session_id, unreadable).body["code"] == "permission_unreadable"
    assert all_of(door, one.session_id, one.streamer_id).body["code"] == "permission_unreadable"


@pytest.mark.parametrize("viewers", [[], "x", 1, [{}]], ids=repr)
def test_so_are_viewers_that_are_no_object(door: Stack, ledger: Documents, viewers: Any) -> None:
    one = OneToOne()
    factories.goal(ledger, one)
    factories.session(ledger, one.session_id, viewers=viewers)

    for answer in (mine(door, one.session_id, one.viewers[0]), all_of(door, one.session_id, one.streamer_id)):
        assert (answer.status, answer.body["code"]) == (409, "permission_unreadable")


UNUSUAL: dict[str, Any] = {
    "empty": {},
    "all null": {"nbf": None, "duration": None, "exp": None},
    "a whole double": permission(duration=300.0),
    "a long": permission(duration=Int64(2**40)),
}


@pytest.mark.parametrize("entry", UNUSUAL.values(), ids=UNUSUAL)
def test_one_that_is_not_whole_yet_is_shown_as_it_is(door: Stack, ledger: Documents, entry: Any) -> None:
    one = OneToOne()
    factories.session(ledger, one.session_id, viewers={one.viewers[0]: entry})

    answer = mine(door, one.session_id, one.viewers[0])

    assert answer.status == 200
    assert answer.body["duration"] == entry.get("duration")
