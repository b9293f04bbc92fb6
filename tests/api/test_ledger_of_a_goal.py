"""GET /goals/{goal_id}/extensions: the streamer's ledger."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.client import Answer, ask, bearer, extend
from tests.eventually import eventually
from tests.factories import OneToOne, new_id

Documents = Database[dict[str, Any]]


@pytest.fixture
def one(ledger: Documents) -> OneToOne:
    return factories.one_to_one(ledger)


def look(stack: Stack, one: OneToOne, rest: str = "", user: str | None = None, *scopes: str) -> Answer:
    header = bearer(stack, user or one.streamer_id, *(scopes or ["CREATOR"]))
    return ask(stack, "GET", f"/goals/{one.goal_id}/extensions{rest}", [header])


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200
    return [item["id"] for item in answer.body["items"]]


def test_lists_the_extensions_newest_first(door: Stack, one: OneToOne) -> None:
    requested = [extend(door, one).body["id"] for _ in range(3)]

    assert ids(look(door, one)) == requested[::-1]


def test_shows_each_one_as_it_was_answered(door: Stack, one: OneToOne) -> None:
    answered = extend(door, one).body

    assert look(door, one).body == {"items": [answered], "next": None}
    assert look(door, one, f"/{answered['id']}").body == answered


def test_gives_every_one_once_in_pages(door: Stack, one: OneToOne) -> None:
    requested = [extend(door, one).body["id"] for _ in range(7)]

    pages, query = [], "?limit=3"
    while query:
        page = look(door, one, query)
        pages.append(ids(page))
        query = f"?limit=3&cursor={page.body['next']}" if page.body["next"] else ""

    assert pages == [requested[6:3:-1], requested[3:0:-1], requested[:1]]


def test_gives_fifty_in_a_page_and_two_hundred_at_most(door: Stack, ledger: Documents, one: OneToOne) -> None:
    extend(door, one)
    record = ledger["extension"].find_one({"goal_id": ObjectId(one.goal_id)})
    assert record
    ledger["extension"].insert_many([record | {"_id": ObjectId()} for _ in range(209)])

    assert len(ids(look(door, one))) == 50
    assert len(ids(look(door, one, "?limit=200"))) == 200
    assert look(door, one, "?limit=201").status == 400


def test_keeps_a_page_s_place_among_extensions_of_one_moment(door: Stack, ledger: Documents, one: OneToOne) -> None:
    extend(door, one)
    record = ledger["extension"].find_one({"goal_id": ObjectId(one.goal_id)})
    assert record
    ledger["extension"].insert_many([record | {"_id": ObjectId()} for _ in range(4)])

    first = look(door, one, "?limit=3")
    second = look(door, one, f"?limit=3&cursor={first.body['next']}")

    assert len({*ids(first), *ids(second)}) == 5


@pytest.mark.parametrize("broken", [{"requested_at": "?"}, {"requested_at": None}, {"viewers": 1}])
def test_goes_on_behind_a_page_of_records_that_cannot_be_read(
    door: Stack, ledger: Documents, one: OneToOne, broken: dict[str, Any]
) -> None:
    requested = [extend(door, one).body["id"] for _ in range(7)]
    its = {"_id": {"$in": [ObjectId(each) for each in requested[1:6]]}}
    ledger["extension"].update_many(its, {"$set": broken})

    pages, query = [], "?limit=1"
    while query:
        page = look(door, one, query)
        pages.append(ids(page))
        query = f"?limit=1&cursor={page.body['next']}" if page.body["next"] else ""

    assert [each for each in pages if each] == [[requested[6]], [requested[0]]]


def test_is_empty_before_the_first_one(door: Stack, one: OneToOne) -> None:
    assert look(door, one).body == {"items": [], "next": None}


@pytest.mark.parametrize("change", [{"active": False}, {"context": None}])
def test_stays_when_the_goal_has_ended(door: Stack, ledger: Documents, one: OneToOne, change: dict[str, Any]) -> None:
    requested = extend(door, one).body["id"]
    ledger["goal"].update_one({"_id": ObjectId(one.goal_id)}, {"$set": change})

    assert ids(look(door, one)) == [requested]
    assert look(door, one, f"/{requested}").status == 200


def test_stays_when_the_goal_is_gone(door: Stack, ledger: Documents, one: OneToOne) -> None:
    requested = extend(door, one).body["id"]
    ledger["goal"].delete_one({"_id": ObjectId(one.goal_id)})

    assert ids(look(door, one)) == [requested]


@pytest.mark.parametrize(
    "limit", ["0", "-1", "201", "1.5", "1e2", "", "x", "%D9%A1", "99999999999999999999", "+1", "%201"]
)
def test_refuses_a_limit_that_is_none(door: Stack, one: OneToOne, limit: str) -> None:
    answer = look(door, one, f"?limit={limit}")

    assert (answer.status, answer.body["code"]) == (400, "limit_malformed")


@pytest.mark.parametrize("cursor", ["", "x", "W10=", "68233D1C5F0A7D3E9C4B2A10", "%00", "None", "0" * 25])
def test_refuses_a_cursor_that_is_none(door: Stack, one: OneToOne, cursor: str) -> None:
    answer = look(door, one, f"?cursor={cursor}")

    assert (answer.status, answer.body["code"]) == (400, "cursor_malformed")


def test_does_not_know_the_cursor_of_another_goal(door: Stack, ledger: Documents, one: OneToOne) -> None:
    other = OneToOne(streamer_id=one.streamer_id)
    factories.goal(ledger, other)
    elsewhere = extend(door, other).body["id"]

    assert look(door, one, f"?cursor={elsewhere}").status == 404
    assert look(door, one, f"?cursor={new_id()}").status == 404


def test_is_the_streamer_s_alone(door: Stack, one: OneToOne) -> None:
    requested = extend(door, one).body["id"]

    for user in (new_id(), one.viewers[0]):
        assert look(door, one, "", user).status == 404
        assert look(door, one, f"/{requested}", user).status == 404
    assert look(door, one, "", one.streamer_id, "PAID").status == 403
    assert look(door, one, f"/{requested}", one.streamer_id, "PAID").status == 403


@pytest.mark.parametrize("extension_id", ["x", "%00", "0" * 24, "..", "68233D1C5F0A7D3E9C4B2A10"])
def test_an_extension_that_is_not_there_is_not_found(door: Stack, one: OneToOne, extension_id: str) -> None:
    answer = look(door, one, f"/{extension_id}")

    assert (answer.status, answer.body["code"]) == (404, "extension_not_found")


def test_shows_what_became_of_it(stack: Stack, database: Documents) -> None:
    one = factories.one_to_one(database)
    requested = extend(stack, one, ("X-Request-ID", "known"))

    done = eventually(lambda: (now := look(stack, one, f"/{requested.body['id']}").body)["status"] == "done" and now)

    viewer = one.viewers[0]
    assert done["nbf"] == done["applied_nbf"] == requested.body["nbf"]
    assert done["before"][viewer]["duration"] == 300
    assert done["permissions"][viewer]["duration"] == 360
    assert done["reason"] is None
    assert done["requested_at"] <= done["applied_at"] <= done["notified_at"]
    again = extend(stack, one, ("X-Request-ID", "known"))
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (200, done, "true")


def test_shows_why_it_was_rejected(stack: Stack, database: Documents) -> None:
    one = OneToOne()
    factories.goal(database, one)
    requested = extend(stack, one)

    rejected = eventually(
        lambda: (now := look(stack, one, f"/{requested.body['id']}").body)["status"] != "pending" and now
    )

    assert rejected["status"] == "rejected"
    assert rejected["reason"]["code"] == "session_missing"
    assert rejected["permissions"] is None
    assert rejected["notified_at"] is None


def test_a_voided_one_says_when_and_how_much_and_its_void_is_none_of_them(
    door: Stack, ledger: Documents, one: OneToOne
) -> None:
    extended = extend(door, one).body
    record = ledger["extension"].find_one({"_id": ObjectId(extended["id"])}) or {}
    voided = {"voided_at": record["requested_at"], "taken_back": {one.viewers[0]: 41}}
    ledger["extension"].update_one({"_id": record["_id"]}, {"$set": voided})
    void = record | {"_id": ObjectId(), "void_of": record["_id"]}
    ledger["extension"].insert_one(void)

    (listed,) = look(door, one).body["items"]

    assert listed == extended | {"voided_at": extended["requested_at"], "taken_back": {one.viewers[0]: 41}}
    assert look(door, one, f"/{void['_id']}").status == 404


def test_one_that_an_operator_gave_says_so(door: Stack, ledger: Documents, one: OneToOne) -> None:
    pressed, given = (extend(door, one).body for _ in range(2))
    by_hand = [{"at": None, "by": "Ana", "why": "r", "what": "compensate"}]
    ledger["extension"].update_one({"_id": ObjectId(given["id"])}, {"$set": {"operations": by_hand}})

    assert look(door, one).body["items"] == [given | {"requested_by": "operator"}, pressed]
