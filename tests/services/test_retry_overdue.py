"""The sweeper retries what is overdue, from MongoDB alone; any number of them may run."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import PyMongoError
from redis import Redis
from rq import Queue

from swag_goals.connections import connect_redis
from swag_goals.documents import ledger
from swag_goals.documents.extension import Extension
from swag_goals.jobs.processes import retry_until_stopped
from swag_goals.queue.extensions import extensions_queue, job_arguments
from swag_goals.queue.status import queue_status
from swag_goals.services import retry_overdue
from tests.eventually import eventually
from tests.factories import OneToOne, moved, recorded
from tests.jobs.conftest import Documents


def overdue(*, retries: int = 0) -> Extension:
    """An extension whose job should be done long since."""
    extension = moved(recorded(OneToOne()), "due", by=-60)
    Extension.objects(id=extension.id).update_one(retries=retries)
    return extension


def reload(extension: Extension) -> Extension:
    return Extension.objects.get(id=extension.id)


def test_an_overdue_extension_is_enqueued_again(queue: Queue) -> None:
    extension = overdue()

    assert retry_overdue.sweep(queue) == 1

    (job,) = queue.jobs
    assert job.kwargs == job_arguments(extension)
    assert reload(extension).retries == 1


def test_what_is_not_overdue_is_left_alone_and_nothing_is_said(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    moved(recorded(OneToOne()), "due", by=60)
    caplog.set_level("INFO")

    assert retry_overdue.sweep(queue) == 0
    assert queue.count == 0
    assert caplog.messages == []


def test_it_is_not_retried_again_at_once(queue: Queue) -> None:
    extension = overdue()

    retry_overdue.sweep(queue)

    assert retry_overdue.sweep(queue) == 0
    assert reload(extension).due > ledger.server_time()


@pytest.mark.parametrize(("retries", "longest"), [(0, 2), (1, 4), (2, 6), (1_000_000, 6)])
def test_each_wait_is_twice_the_one_before_up_to_six_seconds(queue: Queue, retries: int, longest: int) -> None:
    extension = overdue(retries=retries)
    before = ledger.server_time()

    retry_overdue.sweep(queue)

    due = reload(extension).due
    assert before + timedelta(seconds=longest / 2) <= due <= ledger.server_time() + timedelta(seconds=longest)


def test_a_crowd_is_spread_by_chance(queue: Queue) -> None:
    crowd = [overdue(retries=9) for _ in range(20)]

    retry_overdue.sweep(queue)

    due = [reload(extension).due for extension in crowd]
    assert max(due) - min(due) > timedelta(seconds=1)


def test_two_sweepers_share_the_work_and_retry_nothing_twice(queue: Queue) -> None:
    crowd = {overdue().id for _ in range(40)}
    together = threading.Barrier(4)

    def claim(_: int) -> list[ObjectId]:
        together.wait(30)
        return [extension.id for extension in ledger.claim_due(500)]

    with ThreadPoolExecutor(4) as sweepers:
        claimed = [extension_id for claims in sweepers.map(claim, range(4)) for extension_id in claims]

    assert len(claimed) == len(crowd)
    assert set(claimed) == crowd


def test_it_holds_back_while_the_queue_is_long(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    extension = overdue()
    waiting: Redis = queue.connection
    waiting.rpush(queue.key, *range(retry_overdue.MAX_QUEUE))

    assert retry_overdue.sweep(queue) == 0

    assert queue.count == retry_overdue.MAX_QUEUE
    assert reload(extension).due == extension.due
    assert "held back" in caplog.text
    assert queue_status(waiting).sweeper


def test_it_fills_the_queue_no_further_than_that(queue: Queue) -> None:
    for _ in range(5):
        overdue()
    queue.connection.rpush(queue.key, *range(retry_overdue.MAX_QUEUE - 2))

    assert retry_overdue.sweep(queue) == 2


def test_without_redis_nothing_is_claimed_and_the_rest_goes_on(documents: Documents, queue: Queue) -> None:
    extension = overdue()
    released = recorded(OneToOne())
    Extension.objects(id=released.id).update_one(release_at=extension.due)
    nowhere = extensions_queue(connect_redis("redis://127.0.0.1:1/0", timedelta(seconds=0.2)))

    retry_overdue.sweep(nowhere)

    assert reload(extension).due == extension.due
    assert reload(released).release_at is None


@pytest.mark.parametrize("over", [{"status": "done"}, {"status": "rejected"}, {"status": "applied"}])
def test_what_is_over_is_never_retried(documents: Documents, queue: Queue, over: dict[str, Any]) -> None:
    extension = recorded(OneToOne())
    documents["extension"].update_one({"_id": extension.id}, {"$set": over, "$unset": {"due": ""}})

    assert retry_overdue.sweep(queue) == 0


def test_what_others_wrote_into_the_queue_keeps_nothing_waiting(queue: Queue) -> None:
    extension = overdue()
    queue.connection.rpush(queue.key, b"\xff\xfe")

    assert retry_overdue.sweep(queue) == 1

    assert queue.connection.lrange(queue.key, 0, -1) == [b"\xff\xfe", str(extension.id).encode()]


def test_a_job_that_still_waits_is_not_enqueued_again(queue: Queue) -> None:
    extension = overdue()
    retry_overdue.sweep(queue)
    moved(reload(extension), "due", by=-60)

    assert retry_overdue.sweep(queue) == 0

    assert queue.job_ids == [str(extension.id)]


def test_a_job_that_was_lost_after_its_pop_is_replaced_and_not_joined(queue: Queue) -> None:
    extension = overdue()
    retry_overdue.sweep(queue)
    queue.connection.delete(queue.key)
    moved(reload(extension), "due", by=-60)

    assert retry_overdue.sweep(queue) == 1

    assert queue.job_ids == [str(extension.id)]
    assert queue.connection.keys("rq:job:*") == [f"rq:job:{extension.id}".encode()]


def test_it_goes_on_until_it_is_stopped(queue: Queue) -> None:
    stop = threading.Event()
    sweeping = (partial(retry_overdue.sweep, queue), stop, PyMongoError, "mongodb is unavailable")
    running = threading.Thread(target=retry_until_stopped, args=sweeping)
    running.start()
    first = overdue()
    eventually(lambda: reload(first).retries == 1)
    second = overdue()
    eventually(lambda: reload(second).retries == 1)

    stop.set()
    running.join(10)

    assert not running.is_alive()
