"""An attempt starts with a deadline on record, which moves only while the extension is pending."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals.documents import ledger, settlement
from swag_goals.documents.extension import Extension
from swag_goals.documents.settlement import Outcome
from swag_goals.time_limits import ATTEMPT
from tests.factories import OneToOne, moved, recorded


def started(extension: Extension) -> Extension:
    (one,) = ledger.start_attempts([extension.id])
    return one


def test_a_fresh_extension_keeps_the_deadline_of_its_record(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne())

    assert started(extension).deadline == extension.deadline == extension.requested_at + ATTEMPT


@pytest.mark.parametrize("left", [4.5, -3600])
def test_one_with_little_time_left_gets_a_new_deadline(documents: Database[dict[str, Any]], left: float) -> None:
    extension = moved(recorded(OneToOne()), "deadline", by=left - ATTEMPT.total_seconds())

    attempt = started(extension)

    assert timedelta(seconds=5) < attempt.deadline - attempt.read_at <= ATTEMPT
    assert Extension.objects.get(id=extension.id).deadline == attempt.deadline


def test_when_it_was_read_is_by_mongodbs_clock(
    documents: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long the last look waits rests on it."""

    class OnAWrongHost(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(hours=1)

    extension = recorded(OneToOne())
    monkeypatch.setattr(ledger, "datetime", OnAWrongHost)

    assert started(extension).read_at - extension.requested_at < timedelta(minutes=1)


@pytest.mark.parametrize("status", ["applied", "done", "rejected"])
def test_nobody_moves_the_deadline_of_one_that_is_not_pending(documents: Database[dict[str, Any]], status: str) -> None:
    extension = moved(recorded(OneToOne()), "deadline", by=-3600)
    Extension.objects(id=extension.id).update_one(status=status)

    assert started(extension).deadline == extension.deadline


def test_nor_of_one_that_is_settled_just_then(
    documents: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    extension = moved(recorded(OneToOne()), "deadline", by=-3600)
    meanwhile(monkeypatch, lambda: settlement.settle([Outcome(extension, notified=True)]))

    assert started(extension).deadline == extension.deadline


def test_a_deadline_never_moves_back(documents: Database[dict[str, Any]]) -> None:
    """A new primary's clock may be behind; an attempt that has the later deadline may be under way."""
    extension = moved(recorded(OneToOne()), "deadline", by=8)

    reopened = ledger.reopen(extension.id, by="ops", why="a test")

    assert reopened is not None
    assert reopened.deadline == extension.deadline


def test_one_that_is_re_driven_has_a_deadline_of_its_own(documents: Database[dict[str, Any]]) -> None:
    rejected = moved(recorded(OneToOne()), "deadline", by=-3600)
    Extension.objects(id=rejected.id).update_one(status="rejected")

    reopened = ledger.reopen(rejected.id, by="ops", why="a test")

    assert reopened is not None
    assert reopened.deadline > ledger.server_time()


def test_a_rejection_is_closed_only_while_it_stands(documents: Database[dict[str, Any]]) -> None:
    looked_at = recorded(OneToOne())
    settlement.settle([Outcome(looked_at, refused="session_missing")])
    settlement.settle([Outcome(looked_at)])  # an older attempt had applied it after all

    ledger.close_rejected(looked_at)

    assert Extension.objects.get(id=looked_at.id).due is not None


def test_a_rejection_is_closed_only_by_the_deadline_that_was_over(documents: Database[dict[str, Any]]) -> None:
    """Re-driven and rejected again meanwhile, by one attempt, it may yet be applied by another."""
    looked_at = moved(recorded(OneToOne()), "deadline", by=-60)
    settlement.settle([Outcome(looked_at, refused="session_missing")])
    reopened = ledger.reopen(looked_at.id, by="ops", why="a test")
    assert reopened is not None
    settlement.settle([Outcome(reopened, refused="session_missing")])

    ledger.close_rejected(looked_at)

    assert Extension.objects.get(id=looked_at.id).due is not None


@pytest.fixture
def crowd(documents: Database[dict[str, Any]]) -> list[Extension]:
    """Applied and not notified; the newest of them is not due yet. Nothing else in the ledger is to be done."""
    documents["extension"].update_many({}, {"$unset": {"due": ""}})
    crowd = [moved(recorded(OneToOne()), "due", by=-60 + number) for number in (3, 1, 0, 2, 90)]
    Extension.objects(id__in=[each.id for each in crowd]).update(status="applied")
    return crowd


def test_of_a_crowd_whose_viewers_are_to_be_notified_the_newest_come_first(crowd: list[Extension]) -> None:
    claims = [[each.id for each in ledger.claim_unnotified(2)] for _ in range(3)]

    assert claims == [[crowd[3].id, crowd[2].id], [crowd[1].id, crowd[0].id], []]


@pytest.mark.parametrize("status", ["pending", "rejected"])
def test_of_a_crowd_to_be_applied_or_looked_at_those_longest_due(crowd: list[Extension], status: str) -> None:
    Extension.objects(id__in=[each.id for each in crowd]).update(status=status)

    claims = [{each.id for each in ledger.claim_due(2)} for _ in range(3)]

    assert claims == [{crowd[1].id, crowd[2].id}, {crowd[0].id, crowd[3].id}, set()]


def test_what_is_applied_is_not_claimed_to_be_applied(crowd: list[Extension]) -> None:
    Extension.objects(id=crowd[0].id).update(status="pending")

    assert [each.id for each in ledger.claim_due(9)] == [crowd[0].id]


def test_what_is_not_applied_is_not_claimed_to_be_notified(crowd: list[Extension]) -> None:
    Extension.objects(id=crowd[0].id).update(status="pending")

    assert {each.id for each in ledger.claim_unnotified(9)} == {each.id for each in crowd[1:4]}


def test_what_is_settled_between_a_sweepers_look_and_its_claim_stays_so(
    documents: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    extension = moved(recorded(OneToOne()), "due", by=-3600)
    meanwhile(monkeypatch, lambda: settlement.settle([Outcome(extension, notified=True)]))

    ledger.claim_due(10_000)

    assert Extension.objects.get(id=extension.id).due is None


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """It happens between what is read of the ledger and the write that follows."""
    update = ledger._update

    def late(query: dict[str, Any], fields: dict[str, Any]) -> None:
        happens()
        update(query, fields)

    monkeypatch.setattr(ledger, "_update", late)


def test_what_the_ledger_does_not_know_is_not_started(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne())

    assert [each.id for each in ledger.start_attempts([ObjectId(), extension.id, extension.id])] == [extension.id]
