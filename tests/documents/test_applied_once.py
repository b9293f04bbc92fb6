"""An extension is applied once, however often, from how many threads and in whatever order it is tried."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.database import Database

from swag_goals.documents.extension import Extension
from swag_goals.documents.session import AlreadyApplied, Change, Session
from tests import factories
from tests.factories import OneToOne, moved, recorded


def stored(documents: Database[dict[str, Any]], one: OneToOne) -> dict[str, Any]:
    session = documents["session"].find_one({"_id": recorded(one).session_id})
    assert session
    return session


def attempted(extension: Extension) -> Change | None:
    """What this attempt changed; None where an earlier one had done it."""
    try:
        return Session.grant(extension)
    except AlreadyApplied:
        return None


def test_a_repeat_changes_nothing_and_learns_what_the_first_one_did(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extension = recorded(one)
    first = Session.grant(extension)
    session = stored(documents, one)

    with pytest.raises(AlreadyApplied) as before:
        Session.grant(extension)

    assert before.value.change == first
    assert stored(documents, one) == session


def test_a_repeat_after_others_learns_the_same(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extension = recorded(one)
    first = Session.grant(extension)
    for _ in range(3):
        Session.grant(recorded(one))

    with pytest.raises(AlreadyApplied) as before:
        Session.grant(extension)

    assert before.value.change == first


def test_what_foreign_hands_put_among_the_changes_is_passed_over(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    foreign = ["x", None, 7, {}, {"extension": None}]
    documents["session"].update_one({"_id": recorded(one).session_id}, {"$set": {"swag_goals.changes": foreign}})
    extension = recorded(one)
    first = Session.grant(extension)

    with pytest.raises(AlreadyApplied) as before:
        Session.grant(extension)

    assert before.value.change == first


def test_of_many_changes_only_the_latest_are_kept_and_an_older_one_is_known_to_be_applied(
    documents: Database[dict[str, Any]],
) -> None:
    one = factories.one_to_one(documents, count=20)
    extension = recorded(one)
    Session.grant(extension)
    Session.grant(recorded(one))

    with pytest.raises(AlreadyApplied) as before:
        Session.grant(extension)

    assert before.value.change is None
    assert len(stored(documents, one)["swag_goals"]["changes"]) == 1


def test_240_extensions_five_times_over_from_16_threads(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents, count=2)
    before = stored(documents, one)["viewers"]
    with ThreadPoolExecutor(16) as threads:
        extensions = [moved(e, "deadline", by=300) for e in threads.map(lambda _: recorded(one), range(240))]
        attempts = extensions * 5
        random.Random(240).shuffle(attempts)
        changes = [change for change in threads.map(attempted, attempts) if change]

    assert len(changes) == 240
    in_order = sorted(changes, key=lambda change: change.revision)
    assert len({change.revision for change in changes}) == 240
    assert [change.before for change in in_order] == [before, *(change.after for change in in_order[:-1])]
    session = stored(documents, one)
    assert session["viewers"] == in_order[-1].after
    assert session["swag_goals"]["revision"] == in_order[-1].revision
    assert {permission["duration"] for permission in session["viewers"].values()} == {300 + 240 * 60}
    assert sorted(session["swag_goals"]["applied"]) == sorted(extension.id for extension in extensions)


def test_the_revision_grows_by_one_when_it_is_ahead_of_the_clock(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    ahead = 2**53
    documents["session"].update_one({"_id": recorded(one).session_id}, {"$set": {"swag_goals.revision": ahead}})

    assert Session.grant(recorded(one)).revision == ahead + 1


def test_the_revision_does_not_fall_behind_when_the_session_is_made_anew(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    first = Session.grant(recorded(one))
    documents["session"].replace_one({"_id": recorded(one).session_id}, {"viewers": {}})

    again = Session.grant(recorded(one))

    assert again.revision > first.revision
    assert again.revision == int(again.at.timestamp() * 1000)
