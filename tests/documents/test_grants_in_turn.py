"""Several extensions of one session in one update are exactly what one after another gives."""

import random
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals.documents.extension import Extension
from swag_goals.documents.permission_update import MAX_CHANGED_PERMISSIONS, changes_kept
from swag_goals.documents.session import NotApplicable, Session
from swag_goals.services.apply_extensions import _attempt_in_turn, _together
from tests import factories
from tests.factories import OneToOne, new_id, recorded, seconds_from_now

Documents = Database[dict[str, Any]]
SEEDS = range(60)
# Its last date stays too far however long the other tests take, as the two ways are tried one after the other.
UNFIT: list[Any] = [7, {"exp": "soon"}, {"duration": 2**31 - 100}, {"exp": seconds_from_now(31 * 86400)}, {"$ref": "a"}]


class Case:
    """A session in some state, and extensions of it, as chance has it."""

    def __init__(self, documents: Documents, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pool = [new_id() for _ in range(4)]
        self.viewers = {viewer: entry for viewer in self.pool if (entry := self._entry()) is not None}
        if self.chance.random() < 0.4:
            self.viewers[self.chance.choice(self.pool)] = self.chance.choice(UNFIT)
        self.extensions = [self._extension() for _ in range(self.chance.randint(2, 12))]
        self.documents = documents

    def _entry(self) -> dict[str, Any] | None:
        whole = factories.permission(ends_in=self.chance.choice([-60, 30, 500]))
        return self.chance.choice([None, {}, whole, {"exp": whole["exp"]}, whole | {"duration": None}, whole])

    def _extension(self) -> Extension:
        viewers = self.chance.sample(self.pool, self.chance.choice([1, 1, 2, 4]))
        extension = recorded(OneToOne(viewers=viewers))
        extension.duration = self.chance.choice([60, 60, 60, 1, 3600])
        return extension

    def session(self) -> list[Extension]:
        """The extensions on a new session in this state."""
        session_id = new_id()
        factories.session(self.documents, session_id, viewers=self.viewers)
        for extension in self.extensions:
            extension.session_id = ObjectId(session_id)
        return self.extensions

    def found(self) -> dict[str, Any]:
        """The session, its times as seconds that are left of what was bought, as the clock runs on between two."""
        session = self.documents["session"].find_one({"_id": self.extensions[0].session_id})
        assert session
        return session


def attempted(extensions: list[Extension]) -> dict[ObjectId, Any]:
    """What came of each, by the way of the worker."""
    made = _attempt_in_turn(extensions)
    return {each.extension.id: each.refused or each.change for each in made}


def one_by_one(extensions: list[Extension]) -> dict[ObjectId, Any]:
    found: dict[ObjectId, Any] = {}
    for extension in extensions:
        try:
            found[extension.id] = Session.grant(extension)
        except NotApplicable as refusal:
            found[extension.id] = refusal.code
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_what_one_after_another_gives(documents: Documents, seed: int) -> None:
    case = Case(documents, seed)
    expected = one_by_one(case.session())
    session_by_one = case.found()

    came = attempted(case.session())
    session = case.found()

    assert session["viewers"] == session_by_one["viewers"]
    assert session.get("swag_goals", {}).get("applied") == session_by_one.get("swag_goals", {}).get("applied")
    assert came.keys() == expected.keys()
    for extension_id, change in expected.items():
        if isinstance(change, str):
            assert came[extension_id] == change
        else:
            assert (came[extension_id].before, came[extension_id].after) == (change.before, change.after)
            assert came[extension_id].nbf == change.nbf


@pytest.mark.parametrize("seed", SEEDS)
def test_each_begins_where_the_one_before_it_ended(documents: Documents, seed: int) -> None:
    case = Case(documents, seed)

    came = [each for each in attempted(case.session()).values() if not isinstance(each, str)]

    assert [each.revision for each in came] == sorted(each.revision for each in came)
    known: dict[str, Any] = {}
    for change in came:
        for viewer, before in change.before.items():
            assert before == known.get(viewer, before)
        known |= change.after
        for viewer, after in change.after.items():
            was = change.before[viewer] or {}
            assert after["exp"] - max(change.nbf, was.get("exp") or change.nbf) == bought(after, was)


def bought(after: dict[str, Any], before: dict[str, Any]) -> timedelta:
    return timedelta(seconds=after["duration"] - max(before.get("duration") or 0, 0))


def test_revisions_have_no_gap_and_all_is_given_at_once(documents: Documents) -> None:
    one = factories.one_to_one(documents)

    changes = Session.grant_all(*(recorded(one) for _ in range(16)))

    assert changes is not None
    assert [each.revision - changes[0].revision for each in changes] == list(range(16))
    assert len({each.at for each in changes}) == 1


def test_one_that_was_applied_before_is_found_out_and_the_others_are_given(documents: Documents) -> None:
    one = factories.one_to_one(documents)
    extensions = [recorded(one) for _ in range(4)]
    applied = Session.grant(extensions[2])

    came = attempted(extensions)

    assert came[extensions[2].id] == applied
    assert {change.after[one.viewers[0]]["duration"] for change in came.values()} == {360, 420, 480, 540}


def test_one_that_is_past_its_deadline_is_left_and_the_others_are_given(documents: Documents) -> None:
    one = factories.one_to_one(documents)
    extensions = [recorded(one) for _ in range(3)]
    extensions[1].deadline = seconds_from_now(-1)

    assert attempted(extensions).keys() == {extensions[0].id, extensions[2].id}


def test_none_of_them_ends_more_than_30_days_ahead(documents: Documents) -> None:
    one = OneToOne()
    entry = factories.permission(ends_in=30 * 86400 - 5400)
    factories.session(documents, one.session_id, viewers={one.viewers[0]: entry})
    extensions = [recorded(one) for _ in range(2)]
    for extension in extensions:
        extension.duration = 3600

    came = attempted(extensions)

    assert came[extensions[0].id].after[one.viewers[0]]["exp"] == entry["exp"] + timedelta(hours=1)
    assert came[extensions[1].id] == "exp_too_far"


@pytest.mark.parametrize(("viewers", "together"), [(1, 32), (2, 16), (10, 3), (17, 1), (100, 1)])
def test_no_more_go_together_than_the_session_keeps_changes_of(
    documents: Documents, viewers: int, together: int
) -> None:
    one = factories.one_to_one(documents, count=viewers)
    extensions = [recorded(one) for _ in range(2 * together + 1)]
    assert changes_kept(extensions[0]) == max(1, MAX_CHANGED_PERMISSIONS // viewers)

    groups = list(_together(extensions))

    assert [len(group) for group in groups] == [together, together, 1]
    assert len(attempted(extensions)) == len(extensions)
