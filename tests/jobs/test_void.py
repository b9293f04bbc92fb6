"""A void is driven as extensions are: once, whatever dies, and its viewers are told."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import pytest

from swag_goals.documents import ledger, ledger_queries, settlement
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Session
from swag_goals.documents.void import id_of_void, record_void
from swag_goals.queue.extensions import job_arguments
from swag_goals.services.apply_extensions import apply_extensions
from tests import factories
from tests.factories import moved, recorded
from tests.jobs.conftest import Documents, Duration, Run
from tests.jobs.pusher_sink import PusherSink

Given = Callable[..., Extension]


@pytest.fixture
def given(run: Run, documents: Documents) -> Given:
    """An extension whose seconds are in the session and whose viewers are notified."""
    return lambda count=1: run(recorded(factories.one_to_one(documents, count)))


def void(extension: Extension) -> Extension:
    return record_void(extension, by="Ana", why="in error")


def reread(extension: Extension) -> Extension:
    found: Extension = Extension.objects.get(id=extension.id)
    return found


def test_it_takes_back_what_is_left_and_the_extension_says_when_how_much_by_whom_and_why(
    run: Run, given: Given, duration: Duration
) -> None:
    extension = given(2)

    its = run(void(extension))

    voided = reread(extension)
    taken = {viewer: 360 - left for viewer, left in zip(extension.viewers, duration(extension), strict=True)}
    assert set(taken.values()) <= {57, 58, 59}
    assert (its.status, voided.status) == ("done", "done")
    assert (voided.voided_at, voided.taken_back) == (its.applied_at, taken)
    (operation,) = voided.operations
    assert (operation["what"], operation["by"], operation["why"]) == ("void", "Ana", "in error")


def test_its_event_is_that_of_the_extension_with_a_higher_revision_and_an_earlier_exp(
    run: Run, given: Given, pusher: PusherSink
) -> None:
    extension = given()

    run(void(extension))

    first, second = (event["data"] for event in pusher.events)
    assert first["extension_id"] == second["extension_id"] == str(extension.id)
    assert first["revision"] < second["revision"]
    assert first["exp"] > second["exp"]
    assert first["nbf"] == second["nbf"]


def test_run_again_and_again_it_takes_once(run: Run, given: Given, duration: Duration) -> None:
    extension = given()
    its = void(extension)
    run(its)
    rest, once = duration(extension), reread(extension)

    for _ in range(3):
        run(its)
        ledger.start_attempts([its.id])

    assert duration(extension) == rest
    assert reread(extension).to_mongo() == once.to_mongo()


@pytest.mark.parametrize("died", ["before the session", "before the extension knows", "before it is settled"])
def test_wherever_a_worker_dies_it_takes_once_and_says_how_much(
    run: Run, given: Given, duration: Duration, monkeypatch: pytest.MonkeyPatch, died: str
) -> None:
    extension = given()
    its = void(extension)

    def die(*_: object, **__: object) -> NoReturn:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        if died == "before the session":
            patch.setattr(Session, "grant", die)
        if died == "before the extension knows":
            patch.setattr(settlement, "taken_back", die)
        if died == "before it is settled":
            patch.setattr(settlement, "settlement", die)
        run(its)
    assert reread(its).status == "pending"

    assert run(its).status == "done"
    assert reread(extension).taken_back == {extension.viewers[0]: 360 - duration(extension)[0]}
    assert len(reread(extension).operations) == 1


def test_how_much_it_took_is_unknown_where_the_session_no_longer_keeps_it(run: Run, given: Given) -> None:
    extension = given(20)
    its = void(extension)
    Session.grant(its)
    Session.grant(recorded(factories.OneToOne(session_id=str(its.session_id), viewers=its.viewers)))

    assert run(its).status == "done"
    voided = reread(extension)
    assert voided.voided_at is not None
    assert voided.taken_back is None


@pytest.mark.parametrize("seed", range(4))
def test_beside_extensions_of_the_same_viewer_it_gives_the_sum_in_any_order(
    run: Run, given: Given, duration: Duration, seed: int
) -> None:
    extension = given()
    more = [
        recorded(factories.OneToOne(session_id=str(extension.session_id), viewers=extension.viewers)) for _ in "abc"
    ]
    jobs = [job_arguments(each) for each in (void(extension), *more)]
    random.Random(seed).shuffle(jobs)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda job: apply_extensions([job]), jobs))

    assert 300 + 4 * 60 - duration(extension)[0] in (57, 58, 59, 60)


def test_a_session_that_cannot_be_read_rejects_it_and_the_extension_is_not_voided(
    run: Run, given: Given, documents: Documents
) -> None:
    extension = given()
    documents["session"].update_one({"_id": extension.session_id}, {"$set": {"viewers": []}})

    its = run(void(extension))

    assert (its.status, its.reason["code"]) == ("rejected", "viewers_unreadable")
    assert reread(extension).voided_at is reread(extension).taken_back is None


def test_its_guard_is_released_as_that_of_an_extension(run: Run, given: Given, documents: Documents) -> None:
    its = run(void(given()))
    moved(its, "release_at", by=-3600)

    ledger.release(1000)

    session = documents["session"].find_one({"_id": its.session_id})
    assert session
    assert its.id not in session["swag_goals"]["applied"]


def test_viewers_whose_time_it_ended_are_told_when_pusher_is_back(run: Run, given: Given, pusher: PusherSink) -> None:
    extension = given()
    pusher.answer = lambda _: 500
    its = run(void(extension))
    assert its.status == "applied"
    pusher.answer = lambda _: 200
    # The second that was left of it is over too.
    Session.objects(id=its.session_id).update(__raw__=[{"$set": {f"viewers.{its.viewers[0]}.exp": "$$NOW"}}])
    moved(its, "due", by=-3600)

    assert run(its).status == "done"
    assert pusher.events[-1]["data"]["extension_id"] == str(extension.id)


def test_an_extension_that_was_voided_before_anybody_was_told_of_it_is_told_as_well(
    run: Run, documents: Documents, pusher: PusherSink
) -> None:
    pusher.answer = lambda _: 500
    extension = run(recorded(factories.one_to_one(documents)))
    run(void(extension))
    pusher.answer = lambda _: 200
    Session.objects(id=extension.session_id).update(
        __raw__=[{"$set": {f"viewers.{extension.viewers[0]}.exp": "$$NOW"}}]
    )

    assert run(extension).status == "done"


def test_nobody_is_told_of_it_whose_time_would_be_over_without_it(run: Run, given: Given, pusher: PusherSink) -> None:
    extension = given()
    pusher.answer = lambda _: 500
    its = run(void(extension))
    pusher.answer = lambda _: 200
    long_ago = {"$subtract": ["$$NOW", 61_000]}
    Session.objects(id=its.session_id).update(__raw__=[{"$set": {f"viewers.{its.viewers[0]}.exp": long_ago}}])

    again = run(its)

    assert (again.status, again.due, again.reason["code"]) == ("applied", None, "pusher_refused")
    assert len(pusher.events) == 1


def test_it_is_no_extension_of_the_goal(given: Given) -> None:
    extension = given()
    its = void(extension)

    page, _ = ledger_queries.page(str(its.streamer_id), str(its.goal_id), 10)

    assert [each.id for each in page] == [extension.id]
    assert its.id not in [each.id for each in ledger_queries.newest(None, 50)]
    assert ledger_queries.later(extension) is None
    assert ledger_queries.find(id_of_void(extension.id), void_of=None) is None
