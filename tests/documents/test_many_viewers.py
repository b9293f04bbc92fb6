"""A record of many viewers is small, and loses nothing by it."""

import zlib
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import bson
import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals.documents import settlement
from swag_goals.documents.compact_record import MANY, MAX_BYTES
from swag_goals.documents.extension import Extension
from swag_goals.documents.record_shape import UnreadableExtension
from swag_goals.documents.session import Change, Session
from swag_goals.documents.settlement import Outcome
from swag_goals.documents.void import record_void
from swag_goals.representations import serializers
from tests import factories
from tests.factories import OneToOne, recorded

Documents = Database[dict[str, Any]]
MOST = 100


def extended(documents: Documents, number: int) -> tuple[Extension, Change]:
    """An extension of so many viewers, each with a permission as odd as it may be, given and settled."""
    chance = Random(number)
    one = OneToOne(viewers=[str(ObjectId(chance.randbytes(12))) for _ in range(number)])
    now = datetime.now(UTC).replace(microsecond=0)
    nbf = [now - timedelta(milliseconds=chance.randrange(10**9)) for _ in one.viewers]
    duration = [chance.randrange(1, 10**6) for _ in one.viewers]
    exp = [now + timedelta(hours=1, milliseconds=chance.randrange(10**9)) for _ in one.viewers]
    names = ("nbf", "duration", "exp")
    permissions = [dict(zip(names, each, strict=True)) for each in zip(nbf, duration, exp, strict=True)]
    known = dict(zip(one.viewers, permissions, strict=True))
    known.pop(one.viewers[-1])  # who buys for the first time
    known[one.viewers[0]] = {"exp": exp[0]}
    factories.session(documents, one.session_id, viewers=known)
    extension = recorded(one)
    return extension, settled(extension)


def settled(extension: Extension) -> Change:
    change = Session.grant(extension)
    settlement.settle([Outcome(extension, change=change, notified=True)])
    return change


def seconds_of(permission: dict[str, Any] | None) -> int:
    assert permission
    return int(permission["duration"])


def record(documents: Documents, extension: Extension) -> dict[str, Any]:
    row = documents["extension"].find_one({"_id": extension.id})
    assert row
    return row


@pytest.mark.parametrize("number", [1, MANY, MANY + 1, MOST])
def test_the_ledger_has_every_value_of_every_viewer(documents: Documents, number: int) -> None:
    extension, change = extended(documents, number)

    for known in (Extension.load(record(documents, extension)), Extension.objects.get(id=extension.id)):
        assert known.viewers == extension.viewers
        assert known.permissions == change.after
        absent = {"nbf": None, "duration": None, "exp": None}
        assert {v: p and absent | p for v, p in known.before.items()} == {
            v: p and absent | p for v, p in change.before.items()
        }
        assert serializers.extension(known)["viewers"] == extension.viewers


def test_a_hundred_viewers_are_six_kilobytes_at_most(documents: Documents) -> None:
    extension, _ = extended(documents, MOST)

    assert len(bson.encode(record(documents, extension))) <= 6_000


def test_a_few_viewers_read_in_the_shell_as_in_the_api(documents: Documents) -> None:
    extension, change = extended(documents, MANY)

    row = record(documents, extension)

    assert (row["viewers"], row["permissions"], row["before"]) == (extension.viewers, change.after, change.before)


MANGLED: dict[str, Any] = {
    "empty": b"",
    "not compressed": b"x" * 9,
    "cut off": zlib.compress(bson.encode({"": []}))[:2],
    "no permission": {"a": 1},
    "of nobody": zlib.compress(bson.encode({"": []})),
    "one too few": zlib.compress(bson.encode({"": [None] * MANY})),
    "of two values": zlib.compress(bson.encode({"": [[None, 60]] * (MANY + 1)})),
    "no list": zlib.compress(bson.encode({"": 7})),
    "of another name": zlib.compress(bson.encode({"viewers": [None] * (MANY + 1)})),
    "of many more bytes": zlib.compress(bson.encode({"": [None] * (MANY + 1), "more": bytes(MAX_BYTES)})),
}


@pytest.mark.parametrize("mangled", MANGLED.values(), ids=MANGLED)
@pytest.mark.parametrize("name", ["permissions", "before"])
def test_what_another_hand_has_put_there_cannot_be_read(documents: Documents, name: str, mangled: Any) -> None:
    extension, _ = extended(documents, MANY + 1)
    row = record(documents, extension) | {name: mangled}

    with pytest.raises(UnreadableExtension):
        Extension.load(row)


def test_a_record_of_before_is_read_as_it_was_written(documents: Documents) -> None:
    extension, change = extended(documents, MANY + 1)
    row = record(documents, extension)
    row |= {"viewers": extension.viewers, "permissions": change.after, "before": change.before}

    known = Extension.load(row)

    assert (known.viewers, known.permissions, known.before) == (extension.viewers, change.after, change.before)


def test_a_record_of_before_is_settled_as_any_other(documents: Documents) -> None:
    extension, change = extended(documents, MANY + 1)
    documents["extension"].update_one({"_id": extension.id}, {"$set": {"viewers": extension.viewers}})

    known = Extension.load(record(documents, extension))

    assert (known.viewers, known.permissions) == (extension.viewers, change.after)


def test_of_a_void_as_well(documents: Documents) -> None:
    extension, _ = extended(documents, MOST)
    void = record_void(extension, by="Ana", why="in error")
    change = settled(void)

    voided, its = Extension.load(record(documents, extension)), Extension.load(record(documents, void))

    taken = {viewer: seconds_of(change.before[viewer]) - seconds_of(change.after[viewer]) for viewer in its.viewers}
    *others, newcomer = taken.values()
    assert (set(others), newcomer in (58, 59, 60)) == ({60}, True)
    assert voided.taken_back == taken
    assert (its.viewers, its.permissions, its.before) == (extension.viewers, change.after, change.before)
    assert len(bson.encode(record(documents, void))) <= 6_000
    assert len(bson.encode(record(documents, extension))) <= 6_000
