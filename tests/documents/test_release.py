"""A session's guard forgets an extension only when no attempt at it can be alive, and then holds little."""

from typing import Any

import bson
import pytest
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from swag_goals import time_limits
from swag_goals.documents import ledger, settlement
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Session
from swag_goals.documents.settlement import Outcome
from tests import factories
from tests.factories import OneToOne, moved, recorded

OVER = time_limits.ATTEMPT_OVER.total_seconds()
MAX_RELEASED = 2_000


def settled(one: OneToOne, *, deadline: float = 0.0) -> Extension:
    """An extension that is applied and settled, its deadline so many seconds from now."""
    extension = recorded(one)
    change = Session.grant(extension)
    left = (extension.deadline - ledger.server_time()).total_seconds()
    moved(extension, "deadline", by=deadline - left)
    settlement.settle([Outcome(extension, change, notified=True)])
    return Extension.objects.get(id=extension.id)


def swag_goals(documents: Database[dict[str, Any]], extension: Extension) -> dict[str, Any]:
    session = documents["session"].find_one({"_id": extension.session_id})
    assert session
    return dict(session["swag_goals"])


def test_it_is_kept_while_an_attempt_may_be_alive(documents: Database[dict[str, Any]]) -> None:
    extension = settled(factories.one_to_one(documents), deadline=60 - OVER)

    ledger.release(MAX_RELEASED)

    assert swag_goals(documents, extension)["applied"] == [extension.id]
    assert extension.release_at == extension.deadline + time_limits.ATTEMPT_OVER


def test_afterwards_it_is_forgotten_with_its_change_and_the_revision_stays(documents: Database[dict[str, Any]]) -> None:
    extension = settled(factories.one_to_one(documents), deadline=-OVER - 1)

    ledger.release(MAX_RELEASED)

    assert swag_goals(documents, extension) == {"applied": [], "changes": [], "revision": extension.revision}
    assert Extension.objects.get(id=extension.id).release_at is None


def test_it_stays_due_until_its_guard_has_forgotten_it(
    documents: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_primary(_: object) -> None:
        raise AutoReconnect

    extension = settled(factories.one_to_one(documents), deadline=-OVER - 1)
    with monkeypatch.context() as patch, pytest.raises(AutoReconnect):
        patch.setattr(Session, "release", no_primary)
        ledger.release(MAX_RELEASED)

    ledger.release(MAX_RELEASED)

    assert swag_goals(documents, extension)["applied"] == []


def test_one_whose_session_another_hand_has_overwritten_is_released_too(documents: Database[dict[str, Any]]) -> None:
    while ledger.release(MAX_RELEASED):  # what else is due
        pass
    extension = settled(factories.one_to_one(documents), deadline=-OVER - 1)
    documents["extension"].update_one({"_id": extension.id}, {"$set": {"session_id": "x"}})

    assert ledger.release(MAX_RELEASED) == 1
    assert ledger.release(MAX_RELEASED) == 0


def test_what_the_ledger_does_not_know_to_be_applied_is_kept_for_ever(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extension = moved(recorded(one), "requested_at", by=-86_400)
    Session.grant(extension)
    moved(extension, "deadline", by=-86_400)

    ledger.release(MAX_RELEASED)

    assert swag_goals(documents, extension)["applied"] == [extension.id]


def test_a_forgotten_one_is_not_applied_again(documents: Database[dict[str, Any]]) -> None:
    extension = settled(factories.one_to_one(documents), deadline=-OVER - 1)
    ledger.release(MAX_RELEASED)

    (started,) = ledger.start_attempts([extension.id])

    assert started.status == "done"
    assert started.deadline == extension.deadline


def test_a_thousand_extensions_leave_a_session_small(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extensions = [settled(one, deadline=-OVER - 1) for _ in range(20)]
    session_id = extensions[0].session_id
    many = [bson.ObjectId() for _ in range(1_000)]
    documents["session"].update_one({"_id": session_id}, {"$push": {"swag_goals.applied": {"$each": many}}})
    rows = [{"_id": each, "session_id": session_id, "release_at": extensions[0].deadline} for each in many]
    documents["extension"].insert_many(rows)

    while ledger.release(300):
        pass

    assert len(bson.encode(swag_goals(documents, extensions[0]))) < 200


@pytest.mark.parametrize(
    "foreign",
    [
        {"swag_goals": None},
        {"swag_goals": []},
        {"swag_goals": "x"},
        {"swag_goals.applied": "x"},
        {"swag_goals.changes": 1},
        {"swag_goals.revision": "x"},
    ],
    ids=repr,
)
def test_a_session_that_others_wrote_into_is_left_alone_and_keeps_nobody_waiting(
    documents: Database[dict[str, Any]], foreign: dict[str, Any]
) -> None:
    broken = settled(factories.one_to_one(documents), deadline=-OVER - 1)
    good = settled(factories.one_to_one(documents), deadline=-OVER - 1)
    session = {"_id": broken.session_id}
    before = documents["session"].find_one_and_update(session, {"$set": foreign}, return_document=ReturnDocument.AFTER)

    ledger.release(MAX_RELEASED)

    assert documents["session"].find_one(session) == before
    assert swag_goals(documents, good)["applied"] == []
    assert Extension.objects(id__in=[broken.id, good.id], release_at__ne=None).count() == 0


def test_a_session_that_must_stay_as_it_is_keeps_nobody_elses_waiting(documents: Database[dict[str, Any]]) -> None:
    stubborn, other = (settled(factories.one_to_one(documents), deadline=-OVER - 1) for _ in range(2))

    with factories.session_validator(documents, {"_id": {"$ne": stubborn.session_id}}):
        ledger.release(MAX_RELEASED)

    assert swag_goals(documents, other)["applied"] == []
    assert swag_goals(documents, stubborn)["applied"] == [stubborn.id]
    assert Extension.objects(id__in=[stubborn.id, other.id], release_at__exists=True).count() == 0
