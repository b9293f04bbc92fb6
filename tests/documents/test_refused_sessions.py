"""A session that cannot be added to is refused with its reason, and not one byte of it is changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.codec_options import CodecOptions
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from swag_goals.documents.session import NotApplicable, Session
from tests import factories
from tests.factories import OneToOne, new_id, permission, recorded

NOW = datetime.now(UTC).replace(microsecond=0)
LARGEST = 16 * 1024 * 1024  # bytes of a document


def bytes_of(documents: Database[dict[str, Any]], session_id: ObjectId) -> bytes:
    raw = documents["session"].with_options(CodecOptions(RawBSONDocument)).find_one({"_id": session_id})
    assert raw
    return bytes(raw.raw)


def refusal(documents: Database[dict[str, Any]], one: OneToOne, **session: Any) -> str:
    """Why this session is refused; fails where it is not, or where anything of it is changed."""
    extension = recorded(one)
    factories.session(documents, one.session_id, **session)
    before = bytes_of(documents, extension.session_id)
    with pytest.raises(NotApplicable) as refused:
        Session.grant(extension)
    assert bytes_of(documents, extension.session_id) == before
    return refused.value.code


@pytest.mark.parametrize(
    "viewers",
    [
        [],
        [{}],
        ["a"],
        "",
        "viewers",
        0,
        7,
        1.5,
        False,
        True,
        NOW,
        ObjectId(),
        Binary(b""),
        MinKey(),
        Regex("a"),
        Code("a"),
    ],
)
def test_viewers_of_another_type(documents: Database[dict[str, Any]], viewers: Any) -> None:
    assert refusal(documents, OneToOne(), viewers=viewers) == "viewers_unreadable"


@pytest.mark.parametrize(
    "entry",
    [[], [{"duration": 300}], "", "permission", 0, 300, 1.5, False, True, NOW, ObjectId(), Binary(b"")],
)
def test_an_entry_of_another_type(documents: Database[dict[str, Any]], entry: Any) -> None:
    one = OneToOne()

    assert refusal(documents, one, viewers={one.viewers[0]: entry}) == "permission_unreadable"


# MongoDB calls each of them an object, and clients make a reference of it, from which no permission can be read.
REFERENCES: list[dict[str, Any]] = [
    {"$ref": "viewer", "$id": 1},
    {"$id": None, "$ref": ""},
    {"$ref": "viewer", "$id": ObjectId(), "$db": "other"},
    {"duration": 300, "$ref": "viewer", "nbf": NOW, "$id": ObjectId()},
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_an_entry_in_the_shape_of_a_reference(documents: Database[dict[str, Any]], reference: dict[str, Any]) -> None:
    one = OneToOne()

    assert refusal(documents, one, viewers={one.viewers[0]: reference}) == "permission_unreadable"


@pytest.mark.parametrize("reference", REFERENCES)
def test_viewers_in_the_shape_of_a_reference(documents: Database[dict[str, Any]], reference: dict[str, Any]) -> None:
    assert refusal(documents, OneToOne(), viewers=reference) == "viewers_unreadable"


@pytest.mark.parametrize("reference", REFERENCES)
def test_swag_goals_in_the_shape_of_a_reference(documents: Database[dict[str, Any]], reference: dict[str, Any]) -> None:
    assert refusal(documents, OneToOne(), viewers={}, swag_goals=reference) == "swag_goals_unreadable"


NOT_A_DATE = [
    0,
    1_700_000_000_000,
    Int64(1_700_000_000_000),
    1.7e12,
    Decimal128("1700000000000"),
    "",
    "2026-01-31T12:00:00.000Z",
    [],
    [NOW],
    {},
    {"$date": 0},
    True,
    Timestamp(1_700_000_000, 1),
    ObjectId(),
    MaxKey(),
]


@pytest.mark.parametrize("name", ["nbf", "exp"])
@pytest.mark.parametrize("value", NOT_A_DATE)
def test_a_time_that_is_no_date(documents: Database[dict[str, Any]], name: str, value: Any) -> None:
    one = OneToOne()
    viewers = {one.viewers[0]: permission() | {name: value}}

    assert refusal(documents, one, viewers=viewers) == "permission_unreadable"


@pytest.mark.parametrize(
    "duration",
    [
        "",
        "300",
        True,
        False,
        1.5,
        -0.5,
        float("nan"),
        float("inf"),
        float("-inf"),
        Decimal128("300"),
        [],
        [300],
        {},
        NOW,
        Timestamp(300, 0),
        ObjectId(),
        MinKey(),
    ],
)
def test_a_duration_that_is_no_whole_number(documents: Database[dict[str, Any]], duration: Any) -> None:
    one = OneToOne()
    viewers = {one.viewers[0]: permission() | {"duration": duration}}

    assert refusal(documents, one, viewers=viewers) == "permission_unreadable"


@pytest.mark.parametrize("duration", [2**31 - 60, 2**31, Int64(2**63 - 1), 2.0**31, 1e300])
def test_a_duration_that_would_exceed_the_largest_cap(documents: Database[dict[str, Any]], duration: Any) -> None:
    one = OneToOne()
    viewers = {one.viewers[0]: permission() | {"duration": duration}}

    assert refusal(documents, one, viewers=viewers) == "duration_too_long"


@pytest.mark.parametrize(
    "exp",
    [NOW + timedelta(days=30, hours=1), datetime(9999, 12, 31, tzinfo=UTC), DatetimeMS(2**62), DatetimeMS(2**63 - 1)],
)
def test_an_exp_that_would_lie_more_than_30_days_ahead(documents: Database[dict[str, Any]], exp: Any) -> None:
    one = OneToOne()
    viewers = {one.viewers[0]: permission() | {"exp": exp}}

    assert refusal(documents, one, viewers=viewers) == "exp_too_far"


@pytest.mark.parametrize(
    "swag_goals",
    [
        [],
        [{"applied": []}],
        "mine",
        7,
        True,
        {"applied": None},
        {"applied": {}},
        {"applied": "x"},
        {"applied": ObjectId()},
        {"changes": None},
        {"changes": {}},
        {"changes": 1},
        {"revision": None},
        {"revision": 1.0},
        {"revision": "1"},
        {"revision": [1]},
        {"revision": NOW},
        {"revision": 2**62},
        {"revision": 2**63 - 1},
    ],
)
def test_swag_goals_that_this_program_did_not_write(documents: Database[dict[str, Any]], swag_goals: Any) -> None:
    one = OneToOne()

    assert refusal(documents, one, viewers={}, swag_goals=swag_goals) == "swag_goals_unreadable"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"duration": "300"}, "permission_unreadable"),
        ({"duration": 2**31 - 60}, "duration_too_long"),
        ({"exp": NOW + timedelta(days=30, hours=1)}, "exp_too_far"),
    ],
)
def test_one_bad_viewer_refuses_the_extension_for_all(
    documents: Database[dict[str, Any]], entry: dict[str, Any], code: str
) -> None:
    one = OneToOne(viewers=[new_id() for _ in range(3)])
    first, second, third = one.viewers
    viewers = {first: permission(), second: entry, third: permission()}

    assert refusal(documents, one, viewers=viewers) == code


def test_a_session_that_does_not_exist(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne())

    with pytest.raises(NotApplicable) as refused:
        Session.grant(extension)

    assert refused.value.code == "session_missing"
    assert documents["session"].find_one({"_id": extension.session_id}) is None


def test_a_bad_entry_of_somebody_else_does_not_matter(documents: Database[dict[str, Any]]) -> None:
    one = OneToOne()
    extension = recorded(one)
    factories.session(documents, one.session_id, viewers={new_id(): "unreadable"})

    assert list(Session.grant(extension).after) == one.viewers


def test_a_session_that_a_validator_of_its_collection_keeps_as_it_is(documents: Database[dict[str, Any]]) -> None:
    one = OneToOne()

    with factories.session_validator(documents, {"swag_goals": {"$exists": False}}):
        assert refusal(documents, one, viewers={one.viewers[0]: permission()}) == "update_refused"


@pytest.mark.parametrize("room", [0, 40])
def test_a_session_that_would_be_too_large(documents: Database[dict[str, Any]], room: int) -> None:
    one = OneToOne()
    viewers = {one.viewers[0]: permission()}
    empty = {"_id": ObjectId(one.session_id), "viewers": viewers, "log": ""}
    log = "x" * (LARGEST - len(bson.encode(empty)) - room)

    assert refusal(documents, one, viewers=viewers, log=log) == "update_refused"
