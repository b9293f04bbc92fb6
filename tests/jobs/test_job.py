"""The job gives an extension's seconds once and notifies its viewers, whatever it is given and how often."""

from typing import Any

import pytest
from bson import ObjectId
from bson.datetime_ms import DatetimeMS

from swag_goals.documents.extension import Extension
from swag_goals.events.stream_authorized import channel
from swag_goals.jobs.update_session_viewer_permissions import update_session_viewer_permissions
from swag_goals.queue.extensions import job_arguments
from swag_goals.services.apply_extensions import apply_extensions
from tests import factories
from tests.factories import new_id, recorded
from tests.jobs.conftest import Documents, Duration, Run
from tests.jobs.pusher_sink import PusherSink


def test_the_viewers_get_their_seconds_and_are_notified(
    run: Run, documents: Documents, pusher: PusherSink, duration: Duration
) -> None:
    one = factories.one_to_one(documents, count=2)

    done = run(recorded(one))

    assert done.status == "done"
    assert duration(done) == [360, 360]
    assert [event["channel"] for event in pusher.events] == [channel(one.streamer_id, v) for v in one.viewers]
    assert {event["name"] for event in pusher.events} == {"stream.authorized"}
    assert {event["data"]["revision"] for event in pusher.events} == {done.revision}
    assert {event["data"]["extension_id"] for event in pusher.events} == {str(done.id)}


def test_rq_may_call_it_by_its_signature(run: Run, documents: Documents, duration: Duration) -> None:
    extension = recorded(factories.one_to_one(documents))

    update_session_viewer_permissions(**job_arguments(extension))

    assert duration(extension) == [360]


def test_run_again_it_adds_nothing_and_notifies_again(
    run: Run, documents: Documents, pusher: PusherSink, duration: Duration
) -> None:
    extension = recorded(factories.one_to_one(documents))
    done = run(extension)

    assert run(extension).to_mongo() == done.to_mongo()
    assert duration(extension) == [360]
    first, second = pusher.events
    assert first["data"] | {"server_time": ...} == second["data"] | {"server_time": ...}
    assert first["data"]["server_time"] <= second["data"]["server_time"]


def test_twice_in_one_batch_is_once(run: Run, documents: Documents, duration: Duration) -> None:
    extension = recorded(factories.one_to_one(documents))

    assert run(extension, extension).status == "done"
    assert duration(extension) == [360]


def test_out_of_order_each_gives_its_own_seconds(run: Run, documents: Documents, duration: Duration) -> None:
    one = factories.one_to_one(documents)
    first, second = recorded(one), recorded(one)

    later, earlier = run(second), run(first)

    assert duration(first) == [420]
    assert earlier.before == later.permissions
    assert earlier.revision > later.revision


@pytest.mark.parametrize(
    "changed",
    [
        {"duration": 6_000},
        {"viewers": [new_id()]},
        {"viewers": []},
        {"session_id": new_id()},
        {"nbf": "2036-01-31T12:00:00.000Z"},
        {"notify_sd_viewers": False},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_job_that_differs_from_the_ledger_changes_nothing_and_is_logged(
    run: Run, documents: Documents, pusher: PusherSink, caplog: pytest.LogCaptureFixture, changed: dict[str, Any]
) -> None:
    extension = recorded(factories.one_to_one(documents))
    session = documents["session"].find_one({"_id": extension.session_id})

    after = run(extension, **changed)

    assert after.to_mongo() == extension.to_mongo()
    assert documents["session"].find_one({"_id": extension.session_id}) == session
    assert pusher.events == []
    assert [str(extension.id)] == [record.__dict__.get("extension_id") for record in caplog.records]


def test_an_extension_that_the_ledger_does_not_know_changes_nothing_and_is_logged(
    run: Run, documents: Documents, pusher: PusherSink, caplog: pytest.LogCaptureFixture
) -> None:
    extension = recorded(factories.one_to_one(documents))
    forged = job_arguments(extension) | {"extension_id": new_id()}
    session = documents["session"].find_one({"_id": extension.session_id})

    assert apply_extensions([forged]) == []

    assert documents["session"].find_one({"_id": extension.session_id}) == session
    assert documents["extension"].find_one({"_id": ObjectId(forged["extension_id"])}) is None
    assert [forged["extension_id"]] == [record.__dict__.get("extension_id") for record in caplog.records]
    assert pusher.events == []


def test_a_forged_job_does_not_keep_the_good_one_beside_it_from_its_seconds(
    run: Run, documents: Documents, duration: Duration
) -> None:
    extension = recorded(factories.one_to_one(documents))

    apply_extensions(
        [
            job_arguments(extension) | {"duration": 6_000},
            job_arguments(extension),
            job_arguments(extension) | {"viewers": []},
        ]
    )

    assert duration(extension) == [360]


def test_without_notification_nothing_is_sent_and_it_is_done(
    run: Run, documents: Documents, pusher: PusherSink, duration: Duration
) -> None:
    extension = recorded(factories.one_to_one(documents))
    Extension.objects(id=extension.id).update_one(notify_sd_viewers=False)

    done = run(Extension.objects.get(id=extension.id))

    assert (done.status, duration(done)) == ("done", [360])
    assert done.notified_at is None
    assert pusher.events == []


def test_a_date_that_python_cannot_hold_keeps_nobody_from_being_notified(
    run: Run, documents: Documents, pusher: PusherSink
) -> None:
    one = factories.one_to_one(documents)
    nbf = {f"viewers.{one.viewers[0]}.nbf": DatetimeMS(2**62)}
    documents["session"].update_one({"_id": ObjectId(one.session_id)}, {"$set": nbf})

    done = run(recorded(one))
    again = run(done)

    assert (done.status, again.status) == ("done", "done")
    assert [event["data"]["nbf"] for event in pusher.events] == ["9999-12-31T23:59:59.999Z"] * 2
    entry = documents["session"].find_one({"_id": done.session_id}, [f"viewers.{one.viewers[0]}.duration"])
    assert entry
    assert entry["viewers"][one.viewers[0]]["duration"] == 360


def test_many_sessions_and_extensions_in_one_batch_do_not_mix(
    run: Run, documents: Documents, duration: Duration
) -> None:
    goals = [factories.one_to_one(documents, count=3) for _ in range(8)]
    extensions = [recorded(one) for _ in range(4) for one in goals]

    run(*extensions)

    assert [duration(extension) for extension in extensions] == [[540] * 3] * len(extensions)
    assert Extension.objects(id__in=[e.id for e in extensions], status="done").count() == len(extensions)
