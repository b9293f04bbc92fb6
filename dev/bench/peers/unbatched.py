"""This program's worker without its batches: as many jobs at a time, each alone with MongoDB and Pusher."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dev.bench.peers import product
from dev.bench.peers.start import start
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.jobs import worker
from swag_goals.jobs.processes import run_worker
from swag_goals.queue import extensions as queue
from swag_goals.services.apply_extensions import apply_extensions
from swag_goals.services.attempt import Attempt
from swag_goals.services.concurrency import THREADS
from swag_goals.services.notify_viewers import notify_viewers
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT

threads = ThreadPoolExecutor(THREADS)


def enqueue(extensions: Sequence[Extension]) -> None:
    """Put their jobs into a queue of its own."""
    name, queue.QUEUE = queue.QUEUE, "unbatched"
    try:
        product.enqueue(extensions)
    finally:
        queue.QUEUE = name


def apply_each(jobs: list[dict[str, Any]]) -> list[Attempt]:
    """Do for each job by itself what the worker does for all of them; nothing is left to be notified."""
    list(threads.map(lambda job: notify_viewers(apply_extensions([job])), jobs))
    return []


if __name__ == "__main__":
    start()
    queue.QUEUE = "unbatched"
    worker.apply_extensions = apply_each  # type: ignore[attr-defined]
    run_worker(connect_redis(os.environ["REDIS_URL"], WORKER_REDIS_TIMEOUT))
