"""An extension that cannot be applied says why, is looked at once more, and can be re-driven when mended."""

from collections import Counter
from typing import Any

import pytest

from swag_goals.documents import ledger
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Session
from tests import factories
from tests.factories import OneToOne, moved, recorded
from tests.jobs.conftest import Documents, Duration, Run
from tests.jobs.pusher_sink import PusherSink


def mend(documents: Documents, extension: Extension) -> None:
    """Make the session what it should have been: each viewer has used up 300 seconds."""
    viewers = {viewer: factories.permission() for viewer in extension.viewers}
    documents["session"].replace_one({"_id": extension.session_id}, {"viewers": viewers}, upsert=True)


def outlived(extension: Extension) -> Extension:
    """The extension some time later, when no attempt at it can be alive any more."""
    return moved(Extension.objects.get(id=extension.id), "deadline", "due", "requested_at", "nbf", by=-60)


def test_it_says_why_and_notifies_nobody(run: Run, documents: Documents, pusher: PusherSink) -> None:
    rejected = run(recorded(OneToOne()))

    assert (rejected.status, rejected.reason["code"]) == ("rejected", "session_missing")
    assert {"applied_at", "applied_nbf", "permissions", "before"}.isdisjoint(rejected.to_mongo())
    assert pusher.events == []


@pytest.mark.parametrize(
    ("session", "code"),
    [
        ({"viewers": []}, "viewers_unreadable"),
        ({"swag_goals": 1}, "swag_goals_unreadable"),
        ({"viewers": "all"}, "viewers_unreadable"),
    ],
)
def test_it_says_why_of_each_session(run: Run, documents: Documents, session: dict[str, Any], code: str) -> None:
    one = OneToOne()
    factories.session(documents, one.session_id, **session)

    assert run(recorded(one)).reason["code"] == code


def test_another_job_of_it_does_not_apply_it_even_when_it_could(run: Run, documents: Documents) -> None:
    rejected = run(recorded(OneToOne()))
    mend(documents, rejected)

    assert run(rejected).to_mongo() == rejected.to_mongo()


def test_one_that_an_older_attempt_applied_after_all_becomes_applied(
    run: Run, documents: Documents, pusher: PusherSink, duration: Duration, counted: Counter[str]
) -> None:
    older_attempt = recorded(OneToOne())
    rejected = run(older_attempt)
    mend(documents, rejected)
    change = Session.grant(older_attempt)

    done = run(outlived(rejected))

    assert done.status == "done"
    assert {"reason", "due"}.isdisjoint(done.to_mongo())
    assert (done.permissions, done.applied_at) == (change.after, change.at)
    assert duration(done) == [360]
    assert len(pusher.events) == 1
    assert (counted["rejected|session_missing"], counted["applied|"], counted["notified|"]) == (1, 1, 1)


def test_it_is_not_looked_at_while_an_older_attempt_may_be_alive(run: Run, documents: Documents) -> None:
    older_attempt = recorded(OneToOne())
    rejected = run(older_attempt)
    mend(documents, rejected)
    Session.grant(older_attempt)

    assert run(rejected).status == "rejected"


def test_when_no_attempt_is_left_the_rejection_is_final(run: Run, documents: Documents) -> None:
    rejected = run(recorded(OneToOne()))

    final = run(outlived(rejected))

    assert (final.status, final.reason["code"]) == ("rejected", "session_missing")
    assert final.due is None


def test_mended_and_reopened_it_is_applied_under_its_own_id(
    run: Run, documents: Documents, pusher: PusherSink, duration: Duration
) -> None:
    rejected = run(outlived(run(recorded(OneToOne()))))
    mend(documents, rejected)

    reopened = ledger.reopen(rejected.id, by="ops", why="the session was mended")
    done = run(rejected)

    assert reopened is not None
    assert (reopened.id, reopened.status) == (rejected.id, "pending")
    assert "reason" not in done.to_mongo()
    assert (done.status, duration(done)) == ("done", [360])
    assert done.applied_nbf == done.applied_at > done.nbf
    (operation,) = done.operations
    assert {"by": "ops", "why": "the session was mended", "what": "redrive"}.items() <= operation.items()


def test_reopened_without_being_mended_it_is_rejected_again(run: Run, documents: Documents) -> None:
    rejected = run(recorded(OneToOne()))
    ledger.reopen(rejected.id, by="ops", why="a try")

    assert run(rejected).reason == rejected.reason


def test_reopening_one_that_is_applied_gives_nothing_again_and_notifies_again(
    run: Run, documents: Documents, pusher: PusherSink, duration: Duration
) -> None:
    pusher.answer = lambda _: 503
    not_notified = run(recorded(factories.one_to_one(documents)))
    pusher.answer = lambda _: 200

    reopened = ledger.reopen(not_notified.id, by="ops", why="pusher is back")

    assert reopened is not None
    assert (reopened.status, reopened.deadline) == ("applied", not_notified.deadline)
    assert (run(not_notified).status, duration(not_notified)) == ("done", [360])
    assert len(pusher.events) == 1


def test_one_that_is_done_cannot_be_reopened(run: Run, documents: Documents) -> None:
    done = run(recorded(factories.one_to_one(documents)))

    assert ledger.reopen(done.id, by="ops", why="a try") is None
    assert Extension.objects.get(id=done.id).to_mongo() == done.to_mongo()
