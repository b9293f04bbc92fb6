"""What is added to a permission, to the millisecond, for every state in which a viewer's permission may be."""

from datetime import timedelta
from typing import Any

import pytest
from bson import Int64, ObjectId
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from pymongo.database import Database

from swag_goals.documents.session import Session
from tests import factories
from tests.factories import OneToOne, new_id, recorded

ABSENT = object()


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def granted(documents: Database[dict[str, Any]], entry: Any) -> dict[str, Any]:
    """What an extension makes of this entry of a viewer; all times relative to the extension's nbf."""
    one = OneToOne()
    extension = recorded(one)
    factories.session(documents, one.session_id, viewers=placed(one.viewers[0], entry, extension.nbf))
    Session.grant(extension)
    session = documents["session"].find_one({"_id": extension.session_id}, ["viewers"])
    assert session
    return relative(session["viewers"][one.viewers[0]], extension.nbf)


def placed(viewer: str, entry: Any, nbf: Any) -> Any:
    if entry is ABSENT:
        return {}
    if entry is None:
        return {viewer: None}
    return {viewer: {name: nbf + value if isinstance(value, timedelta) else value for name, value in entry.items()}}


def relative(entry: dict[str, Any], nbf: Any) -> dict[str, Any]:
    return {name: value - nbf if name in ("nbf", "exp") else value for name, value in entry.items()}


NEW = {"nbf": seconds(0), "duration": 60, "exp": seconds(60)}
USED_UP = {"nbf": seconds(-360), "duration": 300, "exp": seconds(-60)}
IN_TIME = {"nbf": seconds(-100), "duration": 300, "exp": seconds(200)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(ABSENT, NEW, id="absent"),
        pytest.param(None, NEW, id="null"),
        pytest.param({}, NEW, id="empty"),
        pytest.param({"$ref": "viewer"}, {"$ref": "viewer"} | NEW, id="a reference that names nothing"),
        pytest.param({"$ref": None, "$id": 1}, {"$ref": None, "$id": 1} | NEW, id="no reference, though named so"),
        pytest.param(USED_UP, USED_UP | {"duration": 360, "exp": seconds(60)}, id="used up"),
        pytest.param(IN_TIME, IN_TIME | {"duration": 360, "exp": seconds(260)}, id="still in time"),
        pytest.param(
            IN_TIME | {"exp": seconds(0.001)},
            IN_TIME | {"duration": 360, "exp": seconds(60.001)},
            id="by a millisecond",
        ),
        pytest.param(USED_UP | {"duration": None}, USED_UP | NEW | {"nbf": seconds(-360)}, id="null duration"),
        pytest.param(USED_UP | {"duration": -100}, USED_UP | NEW | {"nbf": seconds(-360)}, id="negative duration"),
        pytest.param(
            {"nbf": seconds(-9), "exp": seconds(9)}, NEW | {"nbf": seconds(-9), "exp": seconds(69)}, id="no duration"
        ),
        pytest.param(IN_TIME | {"nbf": None}, {"nbf": seconds(0), "duration": 360, "exp": seconds(260)}, id="null nbf"),
        pytest.param(IN_TIME | {"exp": None}, IN_TIME | {"duration": 360, "exp": seconds(60)}, id="null exp"),
        pytest.param(
            IN_TIME | {"exp": timedelta(days=29, hours=23)},
            IN_TIME | {"duration": 360, "exp": timedelta(days=29, hours=23, seconds=60)},
            id="nearly 30 days ahead",
        ),
        pytest.param(
            {"nbf": seconds(50), "duration": 300, "exp": seconds(350)},
            {"nbf": seconds(50), "duration": 360, "exp": seconds(410)},
            id="future nbf is kept",
        ),
        pytest.param(
            IN_TIME | {"price": 7, "duration": 300.0},
            IN_TIME | {"price": 7, "duration": 360, "exp": seconds(260)},
            id="whole double, and a key nobody knows",
        ),
        pytest.param(IN_TIME | {"duration": Int64(300)}, IN_TIME | {"duration": 360, "exp": seconds(260)}, id="long"),
        pytest.param(
            IN_TIME | {"duration": 2**31 - 61}, IN_TIME | {"duration": 2**31 - 1, "exp": seconds(260)}, id="the longest"
        ),
    ],
)
def test_a_viewer_gets_60_seconds(documents: Database[dict[str, Any]], before: Any, after: Any) -> None:
    assert granted(documents, before) == after


@pytest.mark.parametrize("session", [{}, {"viewers": None}, {"viewers": {}}])
def test_a_session_without_viewers_gets_its_first(documents: Database[dict[str, Any]], session: Any) -> None:
    one = OneToOne()
    extension = recorded(one)
    factories.session(documents, one.session_id, **session)

    change = Session.grant(extension)

    permission = {"nbf": extension.nbf, "duration": 60, "exp": extension.nbf + seconds(60)}
    assert change.before == {one.viewers[0]: None}
    assert change.after == {one.viewers[0]: permission}


def test_several_viewers_get_their_seconds_in_one_update_each_by_its_own_state(
    documents: Database[dict[str, Any]],
) -> None:
    one = OneToOne(viewers=[new_id() for _ in range(3)])
    extension = recorded(one)
    used_up, in_time, new = one.viewers
    viewers = placed(used_up, USED_UP, extension.nbf) | placed(in_time, IN_TIME, extension.nbf)
    factories.session(documents, one.session_id, viewers=viewers)

    change = Session.grant(extension)

    assert {
        viewer: relative(permission, extension.nbf) for viewer, permission in change.after.items() if permission
    } == {
        used_up: USED_UP | {"duration": 360, "exp": seconds(60)},
        in_time: IN_TIME | {"duration": 360, "exp": seconds(260)},
        new: NEW,
    }
    assert change.before == {**viewers, new: None}
    session = documents["session"].find_one({"_id": extension.session_id})
    assert session
    assert session["viewers"] == change.after


def test_what_the_program_does_not_know_is_kept(documents: Database[dict[str, Any]]) -> None:
    one = OneToOne()
    extension = recorded(one)
    other, reference = new_id(), ObjectId()
    foreign = {"title": "tonight", "tags": ["a"], "nested": {"deep": {"x": reference}}}
    viewers = {other: {"nbf": "whenever", "vip": True}}
    factories.session(documents, one.session_id, viewers=viewers, swag_goals={"note": "kept"}, **foreign)

    Session.grant(extension)

    session = documents["session"].find_one({"_id": extension.session_id})
    assert session
    assert {name: session[name] for name in foreign} == foreign
    assert session["viewers"][other] == viewers[other]
    assert session["swag_goals"]["note"] == "kept"


@pytest.mark.parametrize("milliseconds", [-(2**62), 2**62])
def test_an_nbf_that_python_cannot_hold_is_kept_and_the_answer_still_readable(
    documents: Database[dict[str, Any]], milliseconds: int
) -> None:
    one = OneToOne()
    extension = recorded(one)
    viewers = {one.viewers[0]: {"nbf": DatetimeMS(milliseconds), "duration": 300, "exp": extension.nbf}}
    factories.session(documents, one.session_id, viewers=viewers)

    change = Session.grant(extension)

    exact: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
    session = documents["session"].with_options(exact).find_one({"_id": extension.session_id})
    assert session
    assert session["viewers"][one.viewers[0]]["nbf"] == DatetimeMS(milliseconds)
    assert change.after[one.viewers[0]] is not None


def test_an_exp_long_before_python_can_hold_it_counts_as_used_up(documents: Database[dict[str, Any]]) -> None:
    before = {"nbf": seconds(-1), "duration": 1, "exp": DatetimeMS(-(2**63))}

    assert granted(documents, before) == {"nbf": seconds(-1), "duration": 61, "exp": seconds(60)}
