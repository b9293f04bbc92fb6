"""RQ's worker, taking many jobs at a time.

An extension is safe in MongoDB before it is enqueued and its job may run any number of times,
so RQ's insurance for each single job (started registry, execution, result) is not bought again.
What operators know keeps working: `rq info`, suspension, the failed-job registry, the time
limit, the warm stop. Interrupting one job of a batch does not.

It calls methods that RQ does not document: rq is pinned, and each promise has a test.
"""

import logging
import os
import threading
import time
import traceback
from contextlib import suppress
from functools import cached_property
from typing import Any

from pymongo.errors import PyMongoError
from redis import RedisError
from redis.client import Pipeline
from rq import Queue, SimpleWorker, worker_registration
from rq.job import Job
from rq.suspension import WORKERS_SUSPENDED
from rq.timeouts import JobTimeoutException
from rq.worker import WorkerStatus

from swag_goals.counts import counts
from swag_goals.queue.extensions import ExtensionsQueue, checked_arguments, is_job_id
from swag_goals.services.apply_extensions import apply_extensions
from swag_goals.services.notify_viewers import Notifier
from swag_goals.time_limits import HEARTBEAT, JOB_TIMEOUT, MAX_WORKER_STOP

log = logging.getLogger(__name__)

MAX_JOBS = 64
REDIS_PAUSE = 1.0  # seconds until a Redis that did not answer is asked again


class ExtensionWorker(SimpleWorker):
    """A worker of one queue, in one process, without forks."""

    # By itself RQ waits up to 60 s before it asks a Redis again that may be back long since.
    max_connection_wait_time = REDIS_PAUSE
    queue_class = ExtensionsQueue
    # Whether the last look said so; the first one is still to come.
    _suspended = True

    @cached_property
    def notifier(self) -> Notifier:
        """What notifies and settles, while the next jobs are applied."""
        return Notifier()

    def teardown(self) -> None:
        """RQ's, when everything is settled."""
        self.notifier.close()
        with suppress(RedisError), self.connection.pipeline(transaction=False) as pipeline:
            counts.send(pipeline)
        super().teardown()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run `job` and what waits behind it in the queue."""
        started = time.monotonic()
        stored, ids = self._pop(job, queue)
        if self._suspended:
            self._put_back([job.id, *ids], queue)
            return
        waiting = self.job_class.fetch_many(ids, self.connection, self.serializer)
        jobs = [each for each in waiting if each is not None]
        if stored:
            job.restore(stored)
            jobs.insert(0, job)
        failures = self._perform(jobs)
        self._record(jobs, queue, failures, time.monotonic() - started)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ's heartbeat, in one round trip, and not with every batch.

        It registers the worker again, since RQ's own would stay unknown to a Redis that lost everything.
        """
        last = self.last_heartbeat
        if last is not None and time.time() - last.timestamp() < HEARTBEAT.total_seconds():
            return
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)
            return
        with self.connection.pipeline(transaction=False) as own:
            own.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, own)
            super().heartbeat(timeout, own)
            counts.send(own)  # with what was counted since the last batch

    def set_state(self, state: str, pipeline: Pipeline | None = None) -> None:
        """RQ's, where it is news."""
        if state != self.get_state() or pipeline is not None:
            super().set_state(state, pipeline)

    def check_for_suspension(self, burst: bool) -> None:
        """RQ's; not behind each batch, since every batch asks as well."""
        if self._suspended:
            super().check_for_suspension(burst)
            self._suspended = False

    def handle_warm_shutdown_request(self) -> None:
        """The first signal: finish the batch, but not for ever; the sweeper retries what is cut off."""
        super().handle_warm_shutdown_request()
        give_up = threading.Timer(MAX_WORKER_STOP.total_seconds(), os._exit, (0,))
        give_up.daemon = True
        give_up.start()

    def request_force_stop(self, signum: int, frame: Any) -> None:
        """The second signal: at once, without waiting for threads that wait for sockets."""
        os._exit(1)

    @property
    def shutdown_requested(self) -> bool:
        """Whether a signal asked this worker to stop, rather than Redis."""
        return self._shutdown_requested_date is not None

    def _pop(self, job: Job, queue: Queue) -> tuple[dict[bytes, bytes], list[str]]:
        """What is stored of the job, and the ids of those behind it; also finds out whether workers are suspended.

        They are popped for good: a killed worker leaves them to the sweeper.
        """
        with self.connection.pipeline(transaction=False) as pipeline:
            self.set_state(WorkerStatus.BUSY, pipeline)
            pipeline.exists(WORKERS_SUSPENDED)
            pipeline.lpop(queue.key, MAX_JOBS - 1)
            pipeline.hgetall(job.key)
            *_, suspended, ids, stored = pipeline.execute()
        self._suspended = bool(suspended)
        return stored, list(filter(is_job_id, (each.decode(errors="replace") for each in ids or [])))

    def _put_back(self, ids: list[str], queue: Queue) -> None:
        """An idle worker looks whether it is suspended only after its next job."""
        with self.connection.pipeline() as pipeline:
            for each in reversed(ids):
                queue.push_job_id(each, pipeline, at_front=True)
            pipeline.lrem(queue.intermediate_queue_key, 1, ids[0])
            pipeline.execute()

    def _perform(self, jobs: list[Job]) -> dict[str, str]:
        """Work on all that are well-formed. The failures: a job's id to what went wrong."""
        failures: dict[str, str] = {}
        arguments = []
        for job in jobs:
            try:
                arguments.append(checked_arguments(job))
            except Exception as error:  # noqa: BLE001 - whatever stands in Redis, the other jobs go on
                log.error("the job is not well-formed", extra={"job": job.id, "cause": type(error).__name__})
                failures[job.id] = traceback.format_exc()
        return failures | self._apply(arguments)

    def _apply(self, arguments: list[dict[str, Any]]) -> dict[str, str]:
        """Apply them together; one that they fail over fails alone."""
        try:
            with self.death_penalty_class(JOB_TIMEOUT.seconds, JobTimeoutException):
                self.notifier.take(apply_extensions(arguments))
        except PyMongoError as error:
            # No fault of the jobs: the sweeper retries them when MongoDB is back.
            log.warning("mongodb is unavailable", extra={"cause": type(error).__name__, "jobs": len(arguments)})
        except Exception as error:  # noqa: BLE001 - as RQ does: a failure is booked, the worker goes on
            if len(arguments) > 1 and not isinstance(error, JobTimeoutException):
                return {job: why for each in arguments for job, why in self._apply([each]).items()}
            for each in arguments:
                log.error("the job failed", extra={"extension_id": each["extension_id"], "cause": type(error).__name__})
            return {each["extension_id"]: type(error).__name__ for each in arguments}
        return {}

    def _record(self, jobs: list[Job], queue: Queue, failures: dict[str, str], seconds: float) -> None:
        """What RQ knows of jobs afterwards: the good ones are gone, the others are in the failed registry."""
        for job in jobs:
            if job.id in failures:
                self.handle_job_failure(job, queue, exc_string=failures[job.id])
        done = [job for job in jobs if job.id not in failures]
        with self.connection.pipeline(transaction=False) as pipeline:
            if done:
                pipeline.delete(*(job.key for job in done))
            # With what RQ leaves there of jobs that another worker was done with; nobody reads it here.
            pipeline.delete(queue.intermediate_queue_key)
            pipeline.hincrby(self.key, "successful_job_count", len(done))
            pipeline.hincrbyfloat(self.key, "total_working_time", seconds)
            self.set_state(WorkerStatus.IDLE, pipeline)
            counts.send(pipeline)
