"""An attempt starts with a deadline on record, which moves only while the extension is pending."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals.documents import ledger
from swag_goals.documents.extension import Extension
from swag_goals.time_limits import ATTEMPT
from tests.factories import OneToOne, moved, recorded


def started(extension: Extension) -> ledger.StartedAttempt:
    (one,) = ledger.start_attempts([extension.id])
    return one


def test_a_fresh_extension_keeps_the_deadline_of_its_record(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne())

    assert started(extension).extension.deadline == extension.deadline == extension.requested_at + ATTEMPT


@pytest.mark.parametrize("left", [4.5, -3600])
def test_one_with_little_time_left_gets_a_new_deadline(documents: Database[dict[str, Any]], left: float) -> None:
    extension = moved(recorded(OneToOne()), "deadline", by=left - ATTEMPT.total_seconds())

    attempt = started(extension)

    assert timedelta(seconds=5) < attempt.extension.deadline - attempt.read_at <= ATTEMPT
    assert Extension.objects.get(id=extension.id).deadline == attempt.extension.deadline


@pytest.mark.parametrize("status", ["applied", "done", "rejected"])
def test_nobody_moves_the_deadline_of_one_that_is_not_pending(documents: Database[dict[str, Any]], status: str) -> None:
    extension = moved(recorded(OneToOne()), "deadline", by=-3600)
    Extension.objects(id=extension.id).update_one(status=status)

    assert started(extension).extension.deadline == extension.deadline


def test_a_deadline_never_moves_back(documents: Database[dict[str, Any]]) -> None:
    """A new primary's clock may be behind; an attempt that has the later deadline may be under way."""
    extension = moved(recorded(OneToOne()), "deadline", by=8)

    reopened = ledger.reopen(extension.id, by="ops", why="a test")

    assert reopened is not None
    assert reopened.deadline == extension.deadline


def test_what_the_ledger_does_not_know_is_not_started(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne())

    assert [each.extension.id for each in ledger.start_attempts([ObjectId(), extension.id, extension.id])] == [
        extension.id
    ]
