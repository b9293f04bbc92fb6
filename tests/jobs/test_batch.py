"""Jobs are worked on together, and fail one by one."""

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, NetworkTimeout
from rq import Queue
from rq.serializers import JSONSerializer

from dev.stack.stack import Stack
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Session
from swag_goals.jobs import worker
from swag_goals.jobs.worker import ExtensionWorker
from swag_goals.queue.extensions import FUNCTION, JOB_TTL, ExtensionJob, enqueue, extensions_queue
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT
from tests import factories
from tests.factories import recorded
from tests.jobs.conftest import Documents, Run
from tests.jobs.pusher_sink import PusherSink


@pytest.fixture
def queue(settings: dict[str, str]) -> Iterator[Queue]:
    """A queue with nothing in it."""
    connection = connect_redis(settings["REDIS_URL"], WORKER_REDIS_TIMEOUT)
    connection.flushall()
    yield extensions_queue(connection)
    connection.close()


@pytest.fixture
def handlers() -> Iterator[None]:
    """The signal handlers that RQ replaces are there again afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def work_off(queue: Queue) -> None:
    """Let a worker in this process take all that waits."""
    one = ExtensionWorker([queue], connection=queue.connection, job_class=ExtensionJob, serializer=JSONSerializer)
    one.work(burst=True, logging_level="WARNING")


def statuses(extensions: list[Extension]) -> list[str]:
    return [Extension.objects.get(id=extension.id).status for extension in extensions]


@pytest.mark.usefixtures("handlers")
def test_what_waits_is_done_in_one_go(documents: Documents, queue: Queue, pusher: PusherSink) -> None:
    extensions = [recorded(factories.one_to_one(documents)) for _ in range(10)]
    enqueue(queue, extensions)

    work_off(queue)

    assert statuses(extensions) == ["done"] * 10
    assert [len(batch) for batch in pusher.batches] == [10]
    assert queue.count == 0


@pytest.mark.usefixtures("handlers")
def test_what_a_killed_worker_leaves_of_a_job_does_not_stay_for_ever(documents: Documents, queue: Queue) -> None:
    extension = recorded(factories.one_to_one(documents))

    enqueue(queue, [extension])

    [job] = queue.get_jobs()
    assert 0 < queue.connection.ttl(job.key) <= JOB_TTL


@pytest.mark.usefixtures("handlers")
def test_one_that_all_would_fail_over_fails_alone_and_is_named_in_the_log(
    documents: Documents, queue: Queue, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    extensions = [recorded(factories.one_to_one(documents)) for _ in range(4)]
    broken, updated = extensions[1], Session.grant_all

    def update(*extensions: Extension) -> Any:
        assert broken.id not in [each.id for each in extensions]
        return updated(*extensions)

    monkeypatch.setattr(Session, "grant_all", update)
    enqueue(queue, extensions)

    work_off(queue)

    assert statuses(extensions) == ["done", "pending", "done", "done"]
    assert queue.failed_job_registry.get_job_ids() == [str(broken.id)]
    assert [record.__dict__["extension_id"] for record in caplog.records if "failed" in record.message] == [
        str(broken.id)
    ]


@pytest.mark.usefixtures("handlers", "documents")
def test_so_is_one_that_is_not_well_formed(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    job = queue.enqueue(FUNCTION, extension_id="nobody")

    work_off(queue)

    assert [record.__dict__["job"] for record in caplog.records if "well-formed" in record.message] == [job.id]


@pytest.mark.usefixtures("handlers")
def test_a_batch_over_its_time_limit_fails_and_is_whole_when_retried(
    servers: Stack, documents: Documents, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    extension = recorded(factories.one_to_one(documents))
    enqueue(queue, [extension])
    with monkeypatch.context() as patch:
        patch.setattr(worker, "JOB_TIMEOUT", timedelta(seconds=1))
        servers.signal("mongod-1", signal.SIGSTOP)
        try:
            work_off(queue)
        finally:
            servers.signal("mongod-1", signal.SIGCONT)
    assert queue.failed_job_registry.get_job_ids() == [str(extension.id)]

    enqueue(queue, [extension])
    work_off(queue)

    assert statuses([extension]) == ["done"]


def test_after_a_time_out_nothing_else_is_tried_on_that_session(
    run: Run, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (factories.one_to_one(documents) for _ in range(2))
    stuck, free = [recorded(one) for _ in range(3)], recorded(other)
    updated, tried = Session.grant_all, []

    def update(*extensions: Extension) -> Any:
        tried.append(extensions[0].session_id)
        if extensions[0].session_id == free.session_id:
            return updated(*extensions)
        raise NetworkTimeout("no answer")

    monkeypatch.setattr(Session, "grant_all", update)

    run(*stuck, free)

    assert sorted(tried) == sorted([stuck[0].session_id, free.session_id])
    assert statuses([*stuck, free]) == ["pending", "pending", "pending", "done"]


def test_after_any_other_fault_each_is_tried_by_itself(
    run: Run, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = factories.one_to_one(documents)
    extensions = [recorded(one) for _ in range(3)]
    updated, tried = Session.grant_all, []

    def update(*extensions: Extension) -> Any:
        tried.append(len(extensions))
        if len(tried) in (1, 3):
            raise AutoReconnect("stepped down")
        return updated(*extensions)

    monkeypatch.setattr(Session, "grant_all", update)

    run(*extensions)

    assert tried == [3, 1, 1, 1]
    assert statuses(extensions) == ["done", "pending", "done"]


def test_a_second_notification_of_what_is_done_is_not_counted_again(
    run: Run, documents: Documents, pusher: PusherSink, counted: Counter[str]
) -> None:
    extension = recorded(factories.one_to_one(documents))
    run(extension)
    once = dict(counted)

    run(extension)

    assert len(pusher.events) == 2
    assert dict(counted) == once
    assert once["notified|"] == 1
