"""What a void takes from a permission: the whole seconds that are left of its extension, by MongoDB's clock."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from pymongo.database import Database

from swag_goals.documents.extension import Extension
from swag_goals.documents.session import AlreadyApplied, Change, NotApplicable, Session
from swag_goals.documents.void import record_void
from tests import factories
from tests.factories import OneToOne, new_id, permission, recorded

Documents = Database[dict[str, Any]]
LONG = 10**6


def void(documents: Documents, *entries: Any) -> Extension:
    """The void of an extension whose viewers have these entries in the session."""
    one = OneToOne(viewers=[new_id() for _ in entries])
    found = {viewer: entry for viewer, entry in zip(one.viewers, entries, strict=True) if entry != "absent"}
    factories.session(documents, one.session_id, viewers=found, title="kept")
    return record_void(recorded(one), by="Ana", why="in error")


def viewers(documents: Documents, extension: Extension) -> dict[str, Any]:
    session = documents["session"].find_one({"_id": extension.session_id})
    assert session
    return dict(session["viewers"])


@pytest.mark.parametrize(
    ("left", "taken"),
    [(-60, 0), (0.3, 0), (1.9, 1), (30.9, 30), (60.9, 60), (61.9, 60), (500, 60), (LONG, 60)],
)
def test_it_takes_what_is_left_and_no_more_than_was_given(documents: Documents, left: float, taken: int) -> None:
    its = void(documents, before := permission(ends_in=left, duration=360))

    change = Session.grant(its)

    after = viewers(documents, its)[its.viewers[0]]
    assert after == before | {"duration": 360 - taken, "exp": before["exp"] - timedelta(seconds=taken)}
    assert change.after == {its.viewers[0]: after}
    assert change.before == {its.viewers[0]: before}
    assert (before["exp"] - change.at).total_seconds() - taken >= 0 or not taken


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {"price": 7},
        {"exp": None, "duration": 300},
        {"nbf": None},
        permission(duration=-100),
        permission(duration=None),
        permission(ends_in=-LONG, duration=360.0),
    ],
)
def test_where_nothing_is_left_nothing_of_the_entry_is_changed(documents: Documents, entry: Any) -> None:
    its = void(documents, entry, permission(ends_in=100))

    Session.grant(its)

    assert viewers(documents, its)[its.viewers[0]] == entry


def test_a_viewer_without_an_entry_gets_none(documents: Documents) -> None:
    its = void(documents, "absent", permission(ends_in=100))

    change = Session.grant(its)

    assert list(viewers(documents, its)) == its.viewers[1:]
    assert (change.before[its.viewers[0]], change.after[its.viewers[0]]) == (None, None)


@pytest.mark.parametrize("session", [{}, {"viewers": None}, {"viewers": {}}], ids=repr)
def test_a_session_without_viewers_gets_none(documents: Documents, session: Any) -> None:
    one = OneToOne()
    factories.session(documents, one.session_id, **session)

    Session.grant(record_void(recorded(one), by="Ana", why="in error"))

    found = documents["session"].find_one({"_id": ObjectId(one.session_id)}, {"swag_goals": 0, "_id": 0})
    assert not (found or {}).get("viewers")


@pytest.mark.parametrize(("bought", "rest"), [(40, 0), (0, 0), (None, 0), (-5, 0), (100.0, 40), (2**31, 2**31 - 60)])
def test_a_duration_that_others_have_changed_does_not_fall_below_nothing(
    documents: Documents, bought: Any, rest: int
) -> None:
    its = void(documents, before := permission(ends_in=500, duration=bought))

    Session.grant(its)

    after = viewers(documents, its)[its.viewers[0]]
    assert (after["duration"], after["exp"]) == (rest, before["exp"] - timedelta(seconds=60))


def test_what_bounds_an_extension_does_not_bound_its_void(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_DURATION", "100")
    far = permission(ends_in=40 * 86400, duration=360)
    its = void(documents, far | {"price": 7})

    Session.grant(its)

    assert viewers(documents, its)[its.viewers[0]] == far | {
        "price": 7,
        "duration": 300,
        "exp": far["exp"] - timedelta(seconds=60),
    }


@pytest.mark.parametrize("exp", [DatetimeMS(2**62), DatetimeMS(-(2**62))], ids=["far ahead", "long ago"])
def test_an_exp_out_of_all_bounds_is_no_fault(documents: Documents, exp: Any) -> None:
    its = void(documents, permission() | {"exp": exp})

    Session.grant(its)


def test_a_session_that_cannot_be_read_is_left_as_it_is(documents: Documents) -> None:
    its = void(documents, permission(ends_in=100), {"exp": "soon"})
    before = viewers(documents, its)

    with pytest.raises(NotApplicable, match="permission_unreadable"):
        Session.grant(its)

    assert viewers(documents, its) == before


def test_it_is_guarded_and_has_a_revision_as_extensions_have(documents: Documents) -> None:
    its = void(documents, permission(ends_in=100))
    first = Session.grant(its)

    with pytest.raises(AlreadyApplied) as again:
        Session.grant(its)

    assert again.value.change == first
    session = documents["session"].find_one({"_id": its.session_id})
    assert session
    assert session["swag_goals"]["applied"] == [its.id]
    assert session["swag_goals"]["revision"] == first.revision


@pytest.mark.parametrize("order", ["void first", "extension first"])
def test_beside_an_extension_in_one_update_it_gives_the_sum_of_both(documents: Documents, order: str) -> None:
    one = factories.one_to_one(documents)
    Session.grant(given := recorded(one))
    both = [record_void(given, by="Ana", why="in error"), recorded(one)]

    changes: list[Change] | None = Session.grant_all(*(both if order == "void first" else reversed(both)))

    assert changes is not None
    (viewer,) = one.viewers
    found = viewers(documents, given)[viewer]
    assert changes[1].before == changes[0].after
    assert changes[1].after == {viewer: found}
    # A second of the first extension may be used by now.
    taken = 420 - found["duration"]
    assert 57 <= taken <= 60
    assert abs(found["exp"] - given.nbf - timedelta(seconds=120 - taken)) < timedelta(seconds=3)


def test_the_room_that_it_gives_back_can_be_sold_again(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    one = OneToOne()
    factories.session(documents, one.session_id, viewers={one.viewers[0]: permission(ends_in=500)})
    monkeypatch.setenv("MAX_DURATION", "360")
    Session.grant(given := recorded(one))
    with pytest.raises(NotApplicable, match="duration_too_long"):
        Session.grant(recorded(one))

    Session.grant(record_void(given, by="Ana", why="in error"))

    assert Session.grant(recorded(one)).after[one.viewers[0]]["duration"] == 360  # type: ignore[index]
