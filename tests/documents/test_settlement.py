"""What the ledger keeps of an attempt. What stands there first, stands."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from swag_goals import time_limits
from swag_goals.documents import ledger, reasons, settlement
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Change, Session
from swag_goals.documents.settlement import Outcome
from swag_goals.documents.void import record_void
from tests import factories
from tests.factories import moved, recorded


class Applied:
    """An extension whose seconds are given, and that the ledger does not know of yet."""

    def __init__(self, documents: Database[dict[str, Any]]) -> None:
        self.one = factories.one_to_one(documents)
        self.extension = recorded(self.one)
        self.change: Change = Session.grant(self.extension)

    def settled(self, **outcome: Any) -> Extension:
        settlement.settle([Outcome(self.extension, **outcome)])
        return Extension.objects.get(id=self.extension.id)


@pytest.fixture
def applied(documents: Database[dict[str, Any]]) -> Applied:
    return Applied(documents)


def test_notified_it_is_done_with_all_that_it_did(applied: Applied) -> None:
    settled = applied.settled(change=applied.change, notified=True)

    assert settled.status == "done"
    assert (settled.applied_nbf, settled.applied_at) == (applied.change.nbf, applied.change.at)
    assert (settled.permissions, settled.before) == (applied.change.after, applied.change.before)
    assert settled.revision == applied.change.revision
    assert settled.notified_at >= settled.applied_at
    assert settled.due is None
    assert settled.reason is None


def test_not_notified_it_is_applied_and_retried_soon(applied: Applied) -> None:
    settled = applied.settled(change=applied.change)

    assert settled.status == "applied"
    assert settled.notified_at is None
    assert settled.due > settled.applied_at


def test_given_up_it_stays_applied_and_says_why(applied: Applied) -> None:
    settled = applied.settled(change=applied.change, gave_up=True)

    assert (settled.status, settled.reason["code"]) == ("applied", "pusher_refused")
    assert settled.notified_at is None
    assert settled.due is None


def test_with_nobody_to_notify_it_is_done_without_a_time_of_notification(applied: Applied) -> None:
    applied.extension.notify_sd_viewers = False

    settled = applied.settled(change=applied.change, notified=True)

    assert (settled.status, settled.notified_at) == ("done", None)


@pytest.mark.parametrize("later", [{"refused": "session_missing"}, {}, {"gave_up": True}])
def test_done_stays_done(applied: Applied, later: dict[str, Any]) -> None:
    done = applied.settled(change=applied.change, notified=True)

    assert applied.settled(**later).to_mongo() == done.to_mongo()


def test_applied_is_never_rejected(applied: Applied) -> None:
    settled = applied.settled(change=applied.change)

    assert applied.settled(refused="permission_unreadable").to_mongo() == settled.to_mongo()


def test_what_a_repeat_no_longer_knows_an_earlier_attempt_may_still_bring(applied: Applied) -> None:
    assert applied.settled().permissions is None

    assert applied.settled(change=applied.change).permissions == applied.change.after


def test_before_may_be_unknown_and_is_null_then(applied: Applied) -> None:
    settled = applied.settled(notified=True)

    assert settled.status == "done"
    assert {"before", "permissions"}.isdisjoint(settled.to_mongo())


def test_rejected_it_says_why_and_is_looked_at_once_more(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(factories.OneToOne())

    settlement.settle([Outcome(extension, refused="session_missing")])

    settled = Extension.objects.get(id=extension.id)
    assert settled.status == "rejected"
    assert settled.reason == {"code": "session_missing", "detail": reasons.REASONS["session_missing"]}
    assert settled.due == settled.deadline + time_limits.ATTEMPT_OVER
    assert settled.release_at is None  # an older attempt may yet apply it


def test_a_rejection_by_an_attempt_before_the_latest_is_not_believed(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(factories.OneToOne())
    moved(Extension.objects.get(id=extension.id), "deadline", by=3)

    settlement.settle([Outcome(extension, refused="session_missing")])

    assert Extension.objects.get(id=extension.id).status == "pending"


def test_the_wait_for_the_next_retry_doubles_up_to_six_seconds(documents: Database[dict[str, Any]]) -> None:
    waits = []
    for retries in range(5):
        applied = Applied(documents)
        Extension.objects(id=applied.extension.id).update_one(retries=retries)
        settled = applied.settled(change=applied.change)
        waits.append((settled.due - ledger.server_time()) / timedelta(seconds=1))

    longest = [2, 4, 6, 6, 6]
    assert all(most / 2 - 1 < wait <= most for wait, most in zip(waits, longest, strict=True))


def test_what_a_repeat_could_not_know_is_filled_in_when_it_becomes_known(applied: Applied) -> None:
    closed = applied.settled(notified=True)  # by a second job, when the session no longer kept the change
    assert closed.status == "done"
    assert {"applied_at", "permissions", "before"}.isdisjoint(closed.to_mongo())

    settled = applied.settled(change=applied.change)

    assert (settled.status, settled.notified_at, settled.due) == ("done", closed.notified_at, None)
    assert (settled.applied_nbf, settled.applied_at) == (applied.change.nbf, applied.change.at)
    assert (settled.permissions, settled.before) == (applied.change.after, applied.change.before)
    assert settled.revision == applied.change.revision
    assert settled.reason is None


def test_when_its_viewers_were_notified_first_stands(applied: Applied) -> None:
    closed = moved(applied.settled(notified=True), "notified_at", by=-60)

    assert applied.settled(change=applied.change, notified=True).notified_at == closed.notified_at


def test_what_is_known_of_one_that_is_done_stands(applied: Applied) -> None:
    done = applied.settled(change=applied.change, notified=True)

    applied.settled(change=applied.change, gave_up=True)

    assert Extension.objects.get(id=done.id).to_mongo() == done.to_mongo()


def test_what_is_known_of_one_that_is_applied_stands_too(applied: Applied) -> None:
    known = applied.settled(change=applied.change)
    other = replace(applied.change, revision=1, after={})

    again = applied.settled(change=other, notified=True)

    assert (again.status, again.revision, again.permissions) == ("done", known.revision, known.permissions)


def test_of_nothing_nothing_is_written() -> None:
    settlement.settle([])


@pytest.fixture
def of_another_hand(documents: Database[dict[str, Any]]) -> Iterator[Callable[[Extension], None]]:
    """Lets nobody write the record of one extension."""

    def of_another_hand(extension: Extension) -> None:
        documents.command("collMod", "extension", validator={"_id": {"$ne": extension.id}})

    yield of_another_hand
    documents.command("collMod", "extension", validator={})


def test_one_that_cannot_be_written_keeps_no_other(
    documents: Database[dict[str, Any]], of_another_hand: Callable[[Extension], None]
) -> None:
    bad, good = Applied(documents), Applied(documents)
    of_another_hand(bad.extension)

    with pytest.raises(PyMongoError):
        settlement.settle([Outcome(each.extension, each.change, notified=True) for each in (bad, good)])

    assert Extension.objects.get(id=good.extension.id).status == "done"


def test_one_that_cannot_be_told_of_its_void_keeps_no_other(
    documents: Database[dict[str, Any]], of_another_hand: Callable[[Extension], None]
) -> None:
    bad, good = Applied(documents), Applied(documents)
    voids = [record_void(each.extension, by="ops", why="a test") for each in (bad, good)]
    changes = [Session.grant(void) for void in voids]
    of_another_hand(bad.extension)

    with pytest.raises(PyMongoError):
        settlement.settle([Outcome(*each) for each in zip(voids, changes, strict=True)])

    assert Extension.objects.get(id=good.extension.id).voided_at is not None


class DiesAtItsSecondWrite:
    """The ledger's collection, for somebody who dies between two writes."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        self._collection = collection
        self._written = False

    def bulk_write(self, *args: Any, **options: Any) -> None:
        if self._written:
            raise SystemExit
        self._collection.bulk_write(*args, **options)
        self._written = True


def test_a_voided_extension_says_so_before_its_void_is_settled(
    applied: Applied, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a death in between would leave a void that is settled, and nobody to say of what."""
    given = applied.settled(change=applied.change, notified=True)
    void = record_void(given, by="ops", why="a test")
    taken = Session.grant(void)
    collection = DiesAtItsSecondWrite(Extension._get_collection())

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Extension, "_get_collection", lambda: collection)
        settlement.settle([Outcome(void, taken, notified=True)])

    assert Extension.objects.get(id=given.id).voided_at == taken.at
    assert Extension.objects.get(id=void.id).status == "pending"


def test_what_a_void_took_stands_though_a_repeat_does_not_know_it(applied: Applied) -> None:
    given = applied.settled(change=applied.change, notified=True)
    void = record_void(given, by="ops", why="a test")
    settlement.settle([Outcome(void, Session.grant(void))])
    taken = Extension.objects.get(id=given.id).taken_back
    assert taken

    settlement.settle([Outcome(void)])

    assert Extension.objects.get(id=given.id).taken_back == taken


def test_who_voided_it_is_said_also_where_nobody_is_named_yet(applied: Applied) -> None:
    given = applied.settled(change=applied.change, notified=True)
    given.update(unset__operations=True)
    void = record_void(given, by="ops", why="a test")

    settlement.settle([Outcome(void, Session.grant(void))])

    assert [each["by"] for each in Extension.objects.get(id=given.id).operations] == ["ops"]


def test_when_a_void_was_told_and_by_whom_stands_though_what_it_took_becomes_known_later(applied: Applied) -> None:
    given = applied.settled(change=applied.change, notified=True)
    void = record_void(given, by="ops", why="a test")
    taken = Session.grant(void)
    settlement.settle([Outcome(void)])
    told = Extension.objects.get(id=given.id)
    assert told.taken_back is None

    settlement.settle([Outcome(void, taken)])

    known = Extension.objects.get(id=given.id)
    assert list(known.taken_back) == applied.one.viewers
    assert (known.voided_at, known.operations) == (told.voided_at, told.operations)
