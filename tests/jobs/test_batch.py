"""Jobs are worked on together, and fail one by one."""

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pymongo.errors import AutoReconnect, NetworkTimeout
from rq import Queue
from rq.serializers import JSONSerializer

from dev.stack.stack import Stack
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Change, Session
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
    documents: Documents, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    extensions = [recorded(factories.one_to_one(documents)) for _ in range(4)]
    broken = extensions[1]
    documents["extension"].update_one({"_id": broken.id}, {"$set": {"viewers": []}})
    enqueue(queue, [Extension.objects.get(id=extension.id) for extension in extensions])

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
def test_a_batch_over_its_time_limit_fails_and_is_whole_when_driven_again(
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
    tried: list[Extension] = []

    def grant(extension: Extension) -> Change:
        tried.append(extension)
        if extension.session_id == free.session_id:
            return granted(extension)
        raise NetworkTimeout("no answer")

    granted = Session.grant
    monkeypatch.setattr(Session, "grant", grant)

    run(*stuck, free)

    assert len([each for each in tried if each.id != free.id]) == 1
    assert statuses([*stuck, free]) == ["pending", "pending", "pending", "done"]


def test_after_any_other_fault_the_rest_is_tried(
    run: Run, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = factories.one_to_one(documents)
    extensions = [recorded(one) for _ in range(3)]
    granted, tried = Session.grant, []

    def grant(extension: Extension) -> Change:
        tried.append(extension)
        if len(tried) == 1:
            raise AutoReconnect("stepped down")
        return granted(extension)

    monkeypatch.setattr(Session, "grant", grant)

    run(*extensions)

    assert sorted(statuses(extensions)) == ["done", "done", "pending"]


def test_what_is_told_again_when_it_is_done_is_not_counted_again(
    run: Run, documents: Documents, pusher: PusherSink, counted: Counter[str]
) -> None:
    extension = recorded(factories.one_to_one(documents))
    run(extension)
    once = dict(counted)

    run(extension)

    assert len(pusher.events) == 2
    assert dict(counted) == once
    assert once["notified|"] == 1
