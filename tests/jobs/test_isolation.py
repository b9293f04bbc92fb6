"""Giving seconds never waits for notifying: whatever Pusher does, they are in the session at once, and settled."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from bson import ObjectId

from swag_goals.documents.extension import Extension
from swag_goals.documents.settlement import Outcome
from swag_goals.queue.extensions import job_arguments
from swag_goals.services import notify_viewers, retry_notifications, settle_extensions
from swag_goals.services.apply_extensions import apply_extensions
from swag_goals.services.notify_viewers import Notifier
from tests import factories
from tests.eventually import eventually
from tests.factories import moved, recorded
from tests.jobs.conftest import Documents, Duration, Run
from tests.jobs.pusher_sink import PusherSink

Give = Callable[..., list[Extension]]


@pytest.fixture
def notifier(settings: dict[str, str], silent: threading.Event) -> Iterator[Notifier]:
    notifier = Notifier()
    yield notifier
    silent.set()
    notifier.close()


@pytest.fixture
def give(documents: Documents, notifier: Notifier) -> Give:
    """Apply so many new extensions as a worker does; they are given when this returns."""

    def give(count: int = 1, viewers: int = 1) -> list[Extension]:
        extensions = [recorded(factories.one_to_one(documents, count=viewers)) for _ in range(count)]
        notifier.take(apply_extensions([job_arguments(each) for each in extensions]))
        return extensions

    return give


def is_settled(extensions: list[Extension], status: str) -> Callable[[], bool]:
    return lambda: {Extension.objects.get(id=each.id).status for each in extensions} == {status}


def test_beside_a_pusher_that_hangs_the_seconds_are_given_and_settled_as_applied(
    give: Give, duration: Duration, silent: threading.Event
) -> None:
    extensions = [each for _ in range(5) for each in give(20)]

    assert [duration(each) for each in extensions] == [[360]] * 100
    eventually(is_settled(extensions, "applied"))
    assert all(Extension.objects.get(id=each.id).applied_at for each in extensions)


def test_an_answer_that_comes_late_is_settled_as_well(give: Give, pusher: PusherSink, silent: threading.Event) -> None:
    extensions = give(10)
    eventually(is_settled(extensions, "applied"))

    silent.set()

    eventually(is_settled(extensions, "done"))
    assert len(pusher.events) == 10


def test_nothing_is_taken_from_the_half_that_gives_while_the_ledger_does_not_keep_up(
    give: Give, notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = threading.Event()
    monkeypatch.setattr(notify_viewers, "settle_extensions", lambda _: settle.wait(30))
    giving = threading.Thread(target=lambda: [give() for _ in range(notify_viewers.MAX_BATCHES + 3)])
    giving.start()
    eventually(notifier._under_way.full)
    giving.join(0.5)
    assert giving.is_alive()

    settle.set()

    giving.join(30)
    assert not giving.is_alive()


def test_no_more_calls_wait_than_memory_is_meant_for(
    give: Give, pusher: PusherSink, silent: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify_viewers, "_free_calls", threading.BoundedSemaphore(3))

    extensions = give(5, viewers=10)

    eventually(is_settled(extensions, "applied"))
    silent.set()
    eventually(lambda: len(pusher.batches) == 3)


def test_closed_it_has_settled_all_that_it_took(give: Give, notifier: Notifier, silent: threading.Event) -> None:
    silent.set()
    extensions = give(30)

    notifier.close()

    assert is_settled(extensions, "done")()


@pytest.fixture
def waiting(run: Run, documents: Documents, pusher: PusherSink) -> Callable[[factories.OneToOne], Extension]:
    """An extension whose viewers could not be notified, and whose next turn has come."""
    documents["extension"].update_many({}, {"$unset": {"due": ""}})

    def waiting(one: factories.OneToOne) -> Extension:
        pusher.answer = lambda _: 500
        extension = run(recorded(one))
        notify_viewers.channels().breaker.succeeded()
        pusher.answer = lambda _: 200
        return moved(extension, "due", by=-60)

    return waiting


def test_the_sweeper_notifies_them_with_one_event_for_all_that_a_viewer_waits_for(
    waiting: Callable[[factories.OneToOne], Extension], documents: Documents, pusher: PusherSink
) -> None:
    one = factories.one_to_one(documents, count=2)
    extensions = [waiting(one) for _ in range(5)]

    assert retry_notifications.retry_notifications() == 5

    assert is_settled(extensions, "done")()
    assert sorted(event["data"]["viewer_id"] for event in pusher.events) == sorted(one.viewers)
    assert {event["data"]["duration"] for event in pusher.events} == {600}
    assert {event["data"]["extension_id"] for event in pusher.events} == {str(extensions[-1].id)}


def test_the_newest_permission_comes_first(
    waiting: Callable[[factories.OneToOne], Extension], documents: Documents, pusher: PusherSink
) -> None:
    goals = [factories.one_to_one(documents) for _ in range(3)]
    for one in goals:
        waiting(one)

    retry_notifications.retry_notifications()

    notified = [event["data"]["viewer_id"] for event in pusher.events]
    assert notified == [one.viewers[0] for one in reversed(goals)]


def test_one_viewer_that_is_gone_does_not_keep_the_others_of_the_session(
    waiting: Callable[[factories.OneToOne], Extension], documents: Documents, pusher: PusherSink
) -> None:
    one = factories.one_to_one(documents, count=2)
    extension = waiting(one)
    documents["session"].update_one({"_id": extension.session_id}, {"$unset": {f"viewers.{one.viewers[0]}": ""}})

    retry_notifications.retry_notifications()

    assert [event["data"]["viewer_id"] for event in pusher.events] == [one.viewers[1]]
    assert Extension.objects.get(id=extension.id).reason["code"] == "pusher_refused"


def test_an_unavailable_pusher_gets_one_call_and_is_then_left_alone(
    waiting: Callable[[factories.OneToOne], Extension], documents: Documents, pusher: PusherSink
) -> None:
    extensions = [waiting(factories.one_to_one(documents)) for _ in range(30)]
    calls = []
    pusher.answer = lambda batch: calls.append(batch) or 503  # type: ignore[func-returns-value]
    notify_viewers.channels().breaker.failed(silent=True)

    assert retry_notifications.retry_notifications() == 0
    eventually(lambda: not notify_viewers.channels().breaker.resting)
    retry_notifications.retry_notifications()

    assert (len(calls), len(calls[0])) == (1, 10)
    assert retry_notifications.retry_notifications() == 0
    assert is_settled(extensions, "applied")()


def test_a_pusher_that_asks_for_a_pause_gets_it(run: Run, documents: Documents, pusher: PusherSink) -> None:
    pusher.answer = lambda _: 429
    pusher.headers = {"Retry-After": "7"}

    run(recorded(factories.one_to_one(documents)))

    breaker = notify_viewers.channels().breaker
    assert breaker.resting
    assert 6 < breaker._rests_until - time.monotonic() <= 7


def test_one_that_answers_now_and_then_is_not_left_alone(run: Run, documents: Documents, pusher: PusherSink) -> None:
    answers = iter([500, 500, 200] * 4)
    pusher.answer = lambda _: next(answers)

    extensions = [run(recorded(factories.one_to_one(documents))) for _ in range(12)]

    assert [each.status for each in extensions] == ["applied", "applied", "done"] * 4


def test_one_that_cannot_be_settled_does_not_keep_the_others(
    give: Give, silent: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent.set()
    poisonous: list[ObjectId] = []

    def settle(outcomes: list[Outcome]) -> None:
        poisonous.append(outcomes[-1].extension.id) if not poisonous else None
        assert poisonous[0] not in [outcome.extension.id for outcome in outcomes]
        settle_extensions.settle_extensions(outcomes)

    monkeypatch.setattr(notify_viewers, "settle_extensions", settle)
    extensions = give(5)

    others = eventually(lambda: [each for each in extensions if poisonous and each.id != poisonous[0]])
    eventually(is_settled(others, "done"))
    eventually(is_settled(give(3), "done"))


def test_a_call_that_crashes_keeps_nobody_from_being_settled(
    give: Give, silent: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(notify_viewers.channels(), "trigger", crash)

    eventually(is_settled(give(3), "applied"))
