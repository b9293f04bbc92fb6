"""This program's own queue, whose worker is the Procfile's."""

import os
from collections.abc import Sequence

from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.queue import extensions as queue
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT


def enqueue(extensions: Sequence[Extension]) -> None:
    """Put their jobs into the queue."""
    with connect_redis(os.environ["REDIS_URL"], WORKER_REDIS_TIMEOUT) as connection:
        queue.enqueue(queue.extensions_queue(connection), extensions)
