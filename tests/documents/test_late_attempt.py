"""Up to five seconds after the request its `nbf` counts; later the attempt's own now."""

from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from swag_goals.documents import settlement
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import DeadlineExceeded, Session
from swag_goals.documents.settlement import Outcome
from tests import factories
from tests.factories import moved, recorded

MINUTE = timedelta(seconds=60)


def test_an_attempt_in_time_counts_from_the_nbf_that_was_answered(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extension = moved(recorded(one), "requested_at", "nbf", by=-2)

    change = Session.grant(extension)

    assert change.nbf == extension.nbf
    assert (change.after[one.viewers[0]] or {})["exp"] == extension.nbf + MINUTE


def test_a_late_one_counts_from_its_own_now(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extension = moved(recorded(one), "requested_at", "nbf", by=-5.001)

    change = Session.grant(extension)

    assert extension.requested_at + timedelta(seconds=5) < change.nbf == change.at
    assert (change.after[one.viewers[0]] or {})["exp"] == change.nbf + MINUTE


def test_a_late_one_gives_a_new_viewer_its_own_now_as_nbf(documents: Database[dict[str, Any]]) -> None:
    one = factories.OneToOne()
    factories.session(documents, one.session_id)
    extension = moved(recorded(one), "requested_at", "nbf", by=-3600)

    change = Session.grant(extension)

    assert change.after[one.viewers[0]] == {"nbf": change.at, "duration": 60, "exp": change.at + MINUTE}


def test_the_ledger_shows_both(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extension = moved(recorded(one), "requested_at", "nbf", by=-3600)
    change = Session.grant(extension)

    settlement.settle([Outcome(extension, change, notified=True)])

    settled = Extension.objects.get(id=extension.id)
    assert settled.nbf == extension.nbf
    assert settled.applied_nbf == settled.applied_at == change.nbf


def test_an_attempt_past_its_deadline_changes_nothing(documents: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(documents)
    extension = moved(recorded(one), "deadline", by=-10.5)
    session = documents["session"].find_one({"_id": extension.session_id})

    with pytest.raises(DeadlineExceeded):
        Session.grant(extension)

    assert documents["session"].find_one({"_id": extension.session_id}) == session
