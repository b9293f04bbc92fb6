"""What operators and the platform know of RQ's worker holds for ours, seen on the real process."""

import os
import signal
import socket
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from bson import ObjectId
from pymongo.database import Database
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.suspension import resume, suspend
from rq.webhook import Webhook

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from swag_goals.connections import connect_redis
from swag_goals.queue.extensions import FUNCTION, QUEUE, extensions_queue
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT
from tests import factories
from tests.eventually import eventually
from tests.factories import OneToOne

Ledger = Callable[[str], dict[str, Any]]


@pytest.fixture
def queue(stack: Stack) -> Iterator[Queue]:
    connection = connect_redis(stack.settings["REDIS_URL"], WORKER_REDIS_TIMEOUT)
    queue = extensions_queue(connection)
    yield queue
    for job in queue.failed_job_registry.get_job_ids():
        queue.failed_job_registry.remove(job, delete_job=True)
    connection.close()


@pytest.fixture
def one(database: Database[dict[str, Any]]) -> OneToOne:
    return factories.one_to_one(database)


@pytest.fixture
def ledger(database: Database[dict[str, Any]]) -> Ledger:
    def ledger(extension_id: str) -> dict[str, Any]:
        return database["extension"].find_one({"_id": ObjectId(extension_id)}) or {}

    return ledger


def extended(stack: Stack, one: OneToOne) -> str:
    """The id of a new extension."""
    answer = factories.extend(stack, one)
    assert answer.status == 202
    return str(answer.body["id"])


def registered(stack: Stack, queue: Queue) -> dict[str, str]:
    """What RQ's register says of the worker that runs now; nothing while it is not there."""
    for worker in Worker.all(connection=queue.connection):
        if worker.pid == stack.pid("worker"):
            fields = cast(dict[bytes, bytes], queue.connection.hgetall(worker.key))
            return {name.decode(): value.decode() for name, value in fields.items()}
    return {}


def has_state(stack: Stack, queue: Queue, state: str) -> bool:
    return registered(stack, queue).get("state") == state


@pytest.fixture
def suspended(queue: Queue) -> Iterator[None]:
    """No worker takes jobs until `resume` or the end of the test."""
    suspend(queue.connection)
    yield
    resume(queue.connection)


def test_rq_info_shows_the_worker_and_its_queue(stack: Stack, one: OneToOne, ledger: Ledger, queue: Queue) -> None:
    extension = extended(stack, one)
    eventually(lambda: ledger(extension)["status"] == "done")
    eventually(lambda: has_state(stack, queue, "idle"))

    command = ["rq", "info", "--raw", "--url", stack.settings["REDIS_URL"]]
    environment = procfile.environment(stack.settings)
    shown = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout

    assert f"queue {QUEUE} 0" in shown
    assert f" {stack.pid('worker')}) idle {QUEUE}" in shown


@pytest.mark.usefixtures("suspended")
def test_suspended_it_takes_nothing_and_resumed_it_goes_on(
    stack: Stack, one: OneToOne, ledger: Ledger, queue: Queue
) -> None:
    extension = extended(stack, one)

    eventually(lambda: has_state(stack, queue, "suspended"))
    eventually(lambda: ledger(extension)["retries"] >= 1)
    assert ledger(extension)["status"] == "pending"
    assert queue.get_job_ids()[0] == extension

    resume(queue.connection)
    eventually(lambda: ledger(extension)["status"] == "done")


@pytest.mark.usefixtures("suspended")
def test_suspended_it_puts_back_all_that_it_had_popped_in_its_order(stack: Stack, queue: Queue) -> None:
    jobs = queue.enqueue_many([Queue.prepare_data(FUNCTION, kwargs={"extension_id": "nobody"}) for _ in range(3)])

    eventually(lambda: has_state(stack, queue, "suspended"))
    assert queue.get_job_ids() == [job.id for job in jobs]


class Exploit:
    """Where unpickling it runs code."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.proof),)


def failed(queue: Queue, job: Job) -> Job:
    """The job from the failed-job registry."""
    eventually(lambda: job.id in queue.failed_job_registry.get_job_ids())
    return Job.fetch(job.id, connection=queue.connection, serializer=JSONSerializer)


def test_a_malformed_job_is_in_the_failed_job_registry(queue: Queue) -> None:
    job = failed(queue, queue.enqueue(FUNCTION, extension_id="nobody"))

    result = job.latest_result()
    assert result is not None
    assert "InvalidJobOperation" in (result.exc_string or "")


def test_a_foreign_function_is_not_called(queue: Queue, tmp_path: Path) -> None:
    proof = tmp_path / "called"

    failed(queue, queue.enqueue("os.mkdir", str(proof)))

    assert not proof.exists()


def test_an_address_that_a_job_names_is_not_called(queue: Queue) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        failed(queue, queue.enqueue(FUNCTION, webhooks=[Webhook(url, "failed")], extension_id="nobody"))
        # Were it called, then before the next job.
        failed(queue, queue.enqueue(FUNCTION, extension_id="nobody"))

        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_pickle_is_not_loaded(queue: Queue, tmp_path: Path) -> None:
    proof = tmp_path / "loaded"
    pickling = Queue(QUEUE, connection=queue.connection)

    failed(queue, pickling.enqueue(FUNCTION, Exploit(proof)))

    assert not proof.exists()


def test_bad_jobs_keep_nobody_waiting(stack: Stack, one: OneToOne, queue: Queue, ledger: Ledger) -> None:
    bad = [queue.enqueue(FUNCTION, number) for number in range(5)]
    extension = extended(stack, one)

    eventually(lambda: ledger(extension)["status"] == "done")
    for job in bad:
        failed(queue, job)


FORGED: dict[str, Any] = {
    "created_at": "yesterday",
    "data": zlib.compress(b"0" * 100_000_000),
    "exc_info": zlib.compress(b"0" * 100_000_000),
    "origin": "another",
    "status": "nonsense",
    "retries_left": "x",
    "timeout": "x",
    "webhooks": "x",
}


def test_nor_does_what_is_no_id_or_no_job_at_all(stack: Stack, one: OneToOne, queue: Queue, ledger: Ledger) -> None:
    def workers() -> set[str]:
        return {worker.name for worker in Worker.all(connection=queue.connection)}

    def peak() -> int:
        return int(Path(f"/proc/{stack.pid('worker')}/status").read_text().partition("VmHWM:")[2].split()[0])

    before, memory = eventually(workers), peak()
    suspend(queue.connection)
    first = extended(stack, one)
    queue.connection.rpush(queue.key, b"\xff\xfe")
    for name, value in {**FORGED, "no id": ""}.items():
        queue.connection.hset(Job.key_for(name), mapping={"data": "", name: value})
        queue.connection.rpush(queue.key, name)
    second = extended(stack, one)
    resume(queue.connection)

    eventually(lambda: [ledger(each)["status"] for each in (first, second)] == ["done", "done"])
    assert workers() == before
    assert peak() - memory < 50_000  # kB
    eventually(lambda: FORGED.keys() <= set(queue.failed_job_registry.get_job_ids()))
    queue.connection.zrem(queue.failed_job_registry.key, *FORGED)  # RQ itself could not remove them
    queue.connection.delete(*map(Job.key_for, [*FORGED, "no id"]))


@pytest.mark.usefixtures("suspended")
def test_the_same_job_three_times_in_the_queue_is_one_extension(
    stack: Stack, one: OneToOne, queue: Queue, ledger: Ledger
) -> None:
    extension = extended(stack, one)
    queue.connection.rpush(queue.key, extension, extension)
    resume(queue.connection)

    eventually(lambda: ledger(extension)["status"] == "done")
    eventually(lambda: queue.count == 0)
    assert ledger(extension)["permissions"][one.viewers[0]]["duration"] == 360
    assert extension not in queue.failed_job_registry.get_job_ids()


def test_a_job_that_is_done_leaves_nothing_in_redis(stack: Stack, one: OneToOne, queue: Queue, ledger: Ledger) -> None:
    extension = extended(stack, one)
    eventually(lambda: ledger(extension)["status"] == "done")

    eventually(lambda: not queue.connection.keys(f"*{extension}*"))
    eventually(lambda: queue.intermediate_queue.get_job_ids() == [])


@pytest.fixture
def worker(stack: Stack, queue: Queue) -> Iterator[int]:
    """The worker's process id; a worker takes jobs again afterwards."""
    pid = stack.pid("worker")
    assert pid
    yield pid
    eventually(lambda: registered(stack, queue))


def test_sigterm_lets_it_finish_its_batch(
    stack: Stack, one: OneToOne, ledger: Ledger, worker: int, database: Database[dict[str, Any]]
) -> None:
    stack.signal("pusher", signal.SIGSTOP)  # so that the batch takes until Pusher's timeout
    try:
        extension = extended(stack, one)
        session = {"_id": ObjectId(one.session_id), "swag_goals.applied": ObjectId(extension)}
        eventually(lambda: database["session"].find_one(session))
        stack.signal("worker", signal.SIGTERM)
        eventually(lambda: not psutil.pid_exists(worker), within=20)
        assert ledger(extension)["status"] == "applied"
    finally:
        stack.signal("pusher", signal.SIGCONT)
    eventually(lambda: ledger(extension)["status"] == "done")


@pytest.fixture
def hanging(stack: Stack, one: OneToOne, queue: Queue, worker: int, suspended: None) -> Iterator[str]:
    """An extension in a batch that waits for a MongoDB that does not answer."""
    extension = extended(stack, one)
    eventually(lambda: has_state(stack, queue, "suspended"))
    stack.signal("mongod-1", signal.SIGSTOP)
    resume(queue.connection)
    eventually(lambda: has_state(stack, queue, "busy"))
    yield extension
    stack.signal("mongod-1", signal.SIGCONT)


def test_a_second_sigterm_ends_it_at_once(
    stack: Stack, hanging: str, ledger: Ledger, queue: Queue, worker: int
) -> None:
    stack.signal("worker", signal.SIGTERM)
    eventually(lambda: "shutdown_requested_date" in registered(stack, queue))
    stack.signal("worker", signal.SIGTERM)
    eventually(lambda: not psutil.pid_exists(worker), within=5)

    stack.signal("mongod-1", signal.SIGCONT)
    eventually(lambda: ledger(hanging)["status"] == "done")


def test_whatever_hangs_it_ends_within_ten_seconds_of_sigterm(
    stack: Stack, one: OneToOne, ledger: Ledger, worker: int, database: Database[dict[str, Any]]
) -> None:
    stack.signal("pusher", signal.SIGSTOP)
    try:
        extension = extended(stack, one)
        session = {"_id": ObjectId(one.session_id), "swag_goals.applied": ObjectId(extension)}
        eventually(lambda: database["session"].find_one(session))
        stack.signal("mongod-1", signal.SIGSTOP)
        stack.signal("worker", signal.SIGTERM)
        eventually(lambda: not psutil.pid_exists(worker), within=10)
    finally:
        stack.signal("mongod-1", signal.SIGCONT)
        stack.signal("pusher", signal.SIGCONT)
    eventually(lambda: ledger(extension)["status"] == "done")


def test_a_frozen_redis_does_not_keep_it_from_ending(stack: Stack, worker: int) -> None:
    stack.signal("redis", signal.SIGSTOP)
    try:
        stack.signal("worker", signal.SIGTERM)
        eventually(lambda: not psutil.pid_exists(worker), within=10)
    finally:
        stack.signal("redis", signal.SIGCONT)


def test_a_restart_of_redis_does_not_end_it_and_rq_soon_knows_it_again(
    stack: Stack, one: OneToOne, ledger: Ledger, queue: Queue, worker: int
) -> None:
    stack.stop("redis", signal.SIGKILL)
    stack.start("redis")

    extension = extended(stack, one)
    eventually(lambda: ledger(extension)["status"] == "done")

    assert stack.pid("worker") == worker
    eventually(lambda: registered(stack, queue))
