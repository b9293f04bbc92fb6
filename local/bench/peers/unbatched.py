"""This program's worker without its batches: as many jobs at a time, each alone with MongoDB and Pusher."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.bench.peers import product
from local.bench.peers.start import start
from swag_goals.connections import QUEUE_REDIS_TIMEOUT, connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.documents.ledger import Outcome
from swag_goals.jobs import queue, worker
from swag_goals.jobs.update_session_viewer_permissions import SIDE_BY_SIDE, work

threads = ThreadPoolExecutor(SIDE_BY_SIDE)


def enqueue(extensions: Sequence[Extension]) -> None:
    """Put their jobs into a queue of its own."""
    name, queue.QUEUE = queue.QUEUE, "unbatched"
    try:
        product.enqueue(extensions)
    finally:
        queue.QUEUE = name


def work_each(orders: list[dict[str, Any]]) -> list[Outcome]:
    """Do for each job by itself what the worker does for all of them."""
    return [outcome for outcomes in threads.map(lambda order: work([order]), orders) for outcome in outcomes]


if __name__ == "__main__":
    start()
    queue.QUEUE = "unbatched"
    worker.work = work_each  # type: ignore[attr-defined]
    worker.run(connect_redis(os.environ["REDIS_URL"], QUEUE_REDIS_TIMEOUT))
