"""Every viewer is notified at least once while its permission lasts, or the extension says that it was not."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from swag_goals import time_limits
from swag_goals.documents.extension import Extension
from swag_goals.events import pusher_channels
from swag_goals.events.stream_authorized import channel
from swag_goals.services import notify_viewers
from swag_goals.time_limits import OVERDUE
from tests import factories
from tests.factories import recorded, seconds_from_now
from tests.jobs.conftest import Documents, Duration, Run
from tests.jobs.pusher_sink import PusherSink


def notified(pusher: PusherSink) -> list[str]:
    return [event["data"]["viewer_id"] for event in pusher.events]


@pytest.mark.parametrize("status", [500, 502, 503, 401, 403, 404, 429])
def test_a_pusher_that_does_not_take_calls_leaves_it_applied_until_it_does(
    run: Run, documents: Documents, pusher: PusherSink, duration: Duration, status: int
) -> None:
    extension = recorded(factories.one_to_one(documents))
    pusher.answer = lambda _: status

    not_notified = run(extension)

    assert (not_notified.status, duration(extension)) == ("applied", [360])
    assert not_notified.due is not None
    pusher.answer = lambda _: 200
    assert (run(extension).status, duration(extension)) == ("done", [360])
    assert len(notified(pusher)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in to this network</html>",
        b"\xff",
        b'{"error": "unknown app", "code": 404}',
        b'{"error": 1, "code": null}',
        b'{"error": 1}',
        b'{"error": 1, "code": 200}',
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_not_pushers_is_the_same(
    run: Run, documents: Documents, pusher: PusherSink, duration: Duration, body: bytes
) -> None:
    extension = recorded(factories.one_to_one(documents))
    fine, pusher.body = pusher.body, body

    assert (run(extension).status, duration(extension)) == ("applied", [360])
    pusher.body = fine
    assert (run(extension).status, duration(extension)) == ("done", [360])


def test_a_pusher_that_hangs_up_is_the_same(run: Run, documents: Documents, pusher: PusherSink) -> None:
    extension = recorded(factories.one_to_one(documents))
    pusher.answer = lambda _: None

    assert run(extension).status == "applied"
    pusher.answer = lambda _: 200
    assert run(extension).status == "done"


def test_a_hundred_viewers_are_notified_by_ten_calls_side_by_side(
    run: Run, documents: Documents, pusher: PusherSink
) -> None:
    extension = recorded(factories.one_to_one(documents, count=100))
    all_have_come = threading.Barrier(10)
    pusher.answer = lambda _: 200 if all_have_come.wait(time_limits.PUSHER_TIMEOUT.total_seconds()) >= 0 else 500

    assert run(extension).status == "done"
    assert [len(batch) for batch in pusher.batches] == [10] * 10
    assert sorted(notified(pusher)) == sorted(extension.viewers)


def test_a_slow_one_costs_a_short_timeout(
    run: Run, documents: Documents, silent: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(seconds=2) >= time_limits.PUSHER_TIMEOUT
    monkeypatch.setattr(pusher_channels, "PUSHER_TIMEOUT", timedelta(seconds=0.2))

    assert run(recorded(factories.one_to_one(documents))).status == "applied"


def test_a_pusher_that_hangs_holds_up_no_more_calls_than_go_side_by_side(
    run: Run, documents: Documents, pusher: PusherSink, silent: threading.Event
) -> None:
    extensions = [recorded(factories.one_to_one(documents, count=100)) for _ in range(3)]

    run(*extensions)

    assert {Extension.objects.get(id=extension.id).status for extension in extensions} == {"applied"}
    assert pusher.connections == notify_viewers.CALLS


def test_a_202_is_a_call_that_is_taken(run: Run, documents: Documents, pusher: PusherSink) -> None:
    pusher.answer = lambda _: 202

    assert run(recorded(factories.one_to_one(documents))).status == "done"


@pytest.mark.parametrize("refused", [400, 413])
def test_one_bad_event_keeps_no_other_viewer_from_being_notified(
    run: Run, documents: Documents, pusher: PusherSink, refused: int
) -> None:
    goals = [factories.one_to_one(documents) for _ in range(5)]
    extensions = [recorded(one) for one in goals]
    bad = channel(goals[2].streamer_id, goals[2].viewers[0])
    pusher.answer = lambda batch: refused if bad in [event["channel"] for event in batch] else 200

    run(*extensions)

    assert sorted(notified(pusher)) == sorted(one.viewers[0] for one in goals if one is not goals[2])
    status = [Extension.objects.get(id=extension.id).status for extension in extensions]
    assert status == ["done", "done", "applied", "done", "done"]


def test_a_bad_event_is_tried_again_until_the_permission_has_ended(
    run: Run, documents: Documents, pusher: PusherSink
) -> None:
    extension = recorded(factories.one_to_one(documents))
    pusher.answer = lambda _: 413

    assert run(extension).due is not None
    end(documents, extension)
    not_notified = run(extension)

    assert (not_notified.status, not_notified.reason["code"]) == ("applied", "pusher_refused")
    assert not_notified.notified_at is None
    assert not_notified.due is None


@pytest.mark.parametrize("foreign", factories.UNDECODABLE.values(), ids=factories.UNDECODABLE)
def test_a_viewer_in_whose_entry_others_keep_what_cannot_be_decoded_is_notified_later(
    run: Run, documents: Documents, pusher: PusherSink, foreign: Any
) -> None:
    one = factories.one_to_one(documents)
    entry = f"viewers.{one.viewers[0]}.foreign"
    documents["session"].update_one({"_id": ObjectId(one.session_id)}, {"$set": {entry: foreign}})
    extension = recorded(one)
    pusher.answer = lambda _: 503
    run(extension)
    pusher.answer = lambda _: 200

    assert run(extension).status == "done"


def end(documents: Documents, extension: Extension) -> None:
    """Let the permissions of its viewers have ended."""
    ended = {f"viewers.{viewer}.exp": seconds_from_now(-1) for viewer in extension.viewers}
    documents["session"].update_one({"_id": extension.session_id}, {"$set": ended})


def test_a_later_notification_has_the_permission_of_its_own_time(
    run: Run, documents: Documents, pusher: PusherSink
) -> None:
    one = factories.one_to_one(documents)
    first, second = recorded(one), recorded(one)
    pusher.answer = lambda _: 503
    run(first)
    run(second)
    pusher.answer = lambda _: 200

    run(first)

    (event,) = pusher.events
    assert event["data"]["duration"] == 420
    assert event["data"]["revision"] == Extension.objects.get(id=second.id).revision
    assert event["data"]["extension_id"] == str(first.id)


@pytest.mark.parametrize("gone", [{"viewers": {}}, {"viewers": "unreadable"}, None])
def test_the_notification_of_a_permission_that_is_gone_is_given_up(
    run: Run, documents: Documents, pusher: PusherSink, gone: dict[str, Any] | None
) -> None:
    extension = recorded(factories.one_to_one(documents))
    pusher.answer = lambda _: 503
    run(extension)
    if gone is None:
        documents["session"].delete_one({"_id": extension.session_id})
    else:
        documents["session"].replace_one({"_id": extension.session_id}, gone)
    pusher.answer = lambda _: 200

    not_notified = run(extension)

    assert (not_notified.status, not_notified.reason["code"], not_notified.due) == ("applied", "pusher_refused", None)
    assert pusher.events == []


def test_at_most_ten_events_go_in_one_call(run: Run, documents: Documents, pusher: PusherSink) -> None:
    one = factories.one_to_one(documents, count=25)

    run(recorded(one))

    assert sorted(len(batch) for batch in pusher.batches) == [5, 10, 10]
    assert sorted(notified(pusher)) == sorted(one.viewers)


def test_several_extensions_share_a_call(run: Run, documents: Documents, pusher: PusherSink) -> None:
    run(*(recorded(factories.one_to_one(documents)) for _ in range(10)))

    assert [len(batch) for batch in pusher.batches] == [10]


def test_the_connection_is_kept(run: Run, documents: Documents, pusher: PusherSink) -> None:
    for _ in range(5):
        run(recorded(factories.one_to_one(documents)))

    assert len(pusher.batches) == 5
    assert pusher.connections == 1


def test_the_back_off_grows_while_nobody_can_be_notified(run: Run, documents: Documents, pusher: PusherSink) -> None:
    extension = recorded(factories.one_to_one(documents))
    pusher.answer = lambda _: 503
    Extension.objects(id=extension.id).update_one(retries=8)

    before = seconds_from_now(0)

    # Half of the longest wait is left to chance; the first one is shorter than that.
    assert run(extension).due >= before + time_limits.MAX_RETRY_WAIT / 2 > before + OVERDUE


def test_a_connection_that_pusher_has_closed_is_made_anew(run: Run, documents: Documents, pusher: PusherSink) -> None:
    pusher.keeps_connections = False

    extensions = [run(recorded(factories.one_to_one(documents))) for _ in range(3)]

    assert [extension.status for extension in extensions] == ["done"] * 3
    assert pusher.connections == 3
