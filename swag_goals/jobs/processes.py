"""The processes beside the web: `flask work` and `flask sweep`."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import click
from flask import current_app
from pymongo.errors import PyMongoError
from redis import Redis, RedisError
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from swag_goals.connections import cause, connect_redis
from swag_goals.jobs.worker import REDIS_PAUSE, ExtensionWorker
from swag_goals.queue.extensions import ExtensionJob, extensions_queue
from swag_goals.services import retry_notifications, retry_overdue
from swag_goals.time_limits import SWEEP_PAUSE, WORKER_REDIS_TIMEOUT, WORKER_TTL

log = logging.getLogger(__name__)


@click.command()
def work() -> None:
    """Run an RQ worker of the extensions queue until SIGTERM."""
    run_worker(connect_redis(_redis_url(), WORKER_REDIS_TIMEOUT))


@click.command()
def sweep() -> None:
    """Retry overdue extensions until SIGTERM. Any number may run."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # A Pusher that hangs holds up nobody's seconds. This thread outlives whatever happens, or nobody would be
    # notified again any more.
    notify = (retry_notifications.retry_notifications, stop, Exception, "notifications are not retried")
    notifications = threading.Thread(target=retry_until_stopped, args=notify, name="notifications", daemon=True)
    notifications.start()
    queue = extensions_queue(connect_redis(_redis_url(), WORKER_REDIS_TIMEOUT))
    retry_until_stopped(partial(retry_overdue.sweep, queue), stop, PyMongoError, "mongodb is unavailable")
    notifications.join()


def retry_until_stopped(retry: Callable[[], int], stop: threading.Event, outlived: type[Exception], says: str) -> None:
    """Retry until `stop` is set, at once again after something was retried. What it outlives it logs so."""
    while not stop.is_set():
        try:
            busy = retry()
        except outlived as error:
            log.warning(says, extra={"cause": type(error).__name__})
            busy = 0
        if not busy:
            stop.wait(SWEEP_PAUSE.total_seconds())


def run_worker(connection: Redis) -> None:
    """Work until told to stop. RQ's worker ends when Redis restarts; the next one takes over here."""
    with suppress(StopRequested):  # told so between two workers
        while not _works_until_stopped(connection):
            time.sleep(REDIS_PAUSE)


def _works_until_stopped(connection: Redis) -> bool:
    """Work until told to stop, which is true then, or until Redis is unavailable."""
    worker = None
    try:
        worker = ExtensionWorker(
            [extensions_queue(connection)],
            connection=connection,
            job_class=ExtensionJob,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL.seconds,
            log_job_description=False,
        )
        worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("redis is unavailable", extra={"cause": cause(error)})
    return worker is not None and worker.shutdown_requested


def _redis_url() -> str:
    return current_app.extensions["swag_goals"].settings.redis_url
