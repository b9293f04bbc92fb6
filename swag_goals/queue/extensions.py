"""The queue: RQ hands over extensions that MongoDB already has.

Whatever lies in Redis may be lost or forged: the ledger's values win, and the sweeper
enqueues again what was lost.
"""

import inspect
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import Any

from bson import ObjectId
from redis import Redis
from rq import Queue
from rq.exceptions import InvalidJobOperation
from rq.job import JOB_ID_PATTERN, Job
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from swag_goals.circuit_breaker import CircuitBreaker, RedisUnavailable
from swag_goals.counts import counts
from swag_goals.documents.extension import Extension
from swag_goals.time_limits import JOB_TIMEOUT
from swag_goals.times import iso

log = logging.getLogger(__name__)

QUEUE = "extensions"
FUNCTION = "swag_goals.jobs.update_session_viewer_permissions.update_session_viewer_permissions"
JOB_TTL = 24 * 3600  # seconds
# Bytes, compressed: a hundred viewers take 2 kB. It may unpack to a thousand times as much.
MAX_DATA = 16 * 1024

# Read once: it is a third of what checking a job costs.
_signature = cache(inspect.signature)


class ExtensionJob(Job):
    """A job that can name one function only, in JSON, so that whoever writes to Redis runs no other code."""

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: object = None) -> None:  # noqa: A002
        # RQ would look for a protocol's methods in the serializer, again for every job.
        super().__init__(id, connection)
        self.serializer = JSONSerializer

    def restore(self, raw_data: Any) -> None:
        """RQ's, of function and arguments alone: all else is the same for every job here, or forged."""
        data = raw_data.get(b"data", b"")
        super().restore({b"data": data if len(data) <= MAX_DATA else b""})
        self.origin, self.failure_ttl = QUEUE, JOB_TTL

    @property
    def func(self) -> Callable[..., Any]:
        """The function, if it is the one."""
        if self.func_name != FUNCTION:
            raise InvalidJobOperation("not a function of this queue")
        return super().func


class ExtensionsQueue(Queue):
    """RQ's queue, whose jobs are popped unread: the worker reads the first one with what it asks beside."""

    @classmethod
    def _fetch_dequeued_job(
        cls, connection: Redis, queue_key: str, job_id: str, *_: Any, **__: Any
    ) -> tuple[Job, Queue] | None:
        if not is_job_id(job_id):
            return None
        return ExtensionJob(job_id, connection), extensions_queue(connection)


def is_job_id(sent: str) -> bool:
    """Whether RQ makes a job of it; else it raises an error."""
    return bool(JOB_ID_PATTERN.fullmatch(sent))


def extensions_queue(connection: Redis) -> Queue:
    """The queue of extensions, in JSON: RQ's default, pickle, runs code on loading."""
    queue = ExtensionsQueue(QUEUE, connection=connection, job_class=ExtensionJob, serializer=JSONSerializer)
    # What RQ takes where it cannot find out. To ask is a round trip more before a process' first job.
    queue.redis_server_version = (5, 0, 9)
    return queue


class Enqueuer:
    """The queue as a request uses it: an extension is enqueued if Redis answers, else left to the sweeper."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        self._breaker = breaker
        self._queue = extensions_queue(breaker.client)

    def enqueue(self, extension: Extension) -> None:
        """Enqueue the extension's job; whether that works changes nothing for the caller."""
        try:
            self._breaker.call(lambda: enqueue(self._queue, [extension]))
        except RedisUnavailable as error:
            lost = {"extension_id": str(extension.id), "cause": str(error)}
            log.warning("not enqueued, left to the sweeper", extra=lost)

    def waiting(self) -> int:
        """How many jobs wait for a worker; none where Redis does not say."""
        with suppress(RedisUnavailable):
            return self._breaker.call(lambda: self._queue.count)
        return 0

    def send_counts(self) -> None:
        """Let Redis know what this process has counted, if it answers."""
        with suppress(RedisUnavailable), self._queue.connection.pipeline(transaction=False) as pipeline:
            self._breaker.call(lambda: counts.send(pipeline))


def enqueue(queue: Queue, extensions: Iterable[Extension]) -> None:
    """Enqueue a job for each extension, in one round trip.

    :raises redis.RedisError: unknown which of them; it does not matter.
    """
    with queue.connection.pipeline(transaction=False) as pipeline:
        for job in queue.enqueue_many([_job(extension) for extension in extensions], pipeline=pipeline):
            # What a killed worker leaves behind of an extension that is done, nobody enqueues again.
            pipeline.expire(job.key, JOB_TTL)
        counts.send(pipeline)


def _job(extension: Extension) -> EnqueueData:
    return Queue.prepare_data(
        FUNCTION,
        kwargs=job_arguments(extension),
        # The same id again replaces the job that was lost, instead of joining it.
        job_id=str(extension.id),
        timeout=JOB_TIMEOUT.seconds,
        result_ttl=0,
        failure_ttl=JOB_TTL,
        # RQ would describe the job by its arguments, which name users.
        description="update_session_viewer_permissions",
    )


def job_arguments(extension: Extension) -> dict[str, Any]:
    """The job's arguments, in JSON: ids as text, `nbf` as ISO 8601."""
    return {
        "session_id": str(extension.session_id),
        "viewers": list(extension.viewers),
        "nbf": iso(extension.nbf),
        "duration": extension.duration,
        "notify_sd_viewers": extension.notify_sd_viewers,
        "extension_id": str(extension.id),
    }


def checked_arguments(job: Job) -> dict[str, Any]:
    """The job's arguments by their names, checked as far as they can be without the ledger.

    :raises InvalidJobOperation: another function, or no arguments of this one.
    """
    try:
        bound = _signature(job.func).bind(*job.args, **job.kwargs)
    except TypeError:
        raise InvalidJobOperation("not the arguments of this queue's function") from None
    bound.apply_defaults()
    if not ObjectId.is_valid(bound.arguments["extension_id"]):
        raise InvalidJobOperation("not an extension's id")
    return bound.arguments
