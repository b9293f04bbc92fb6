"""This program's own queue, whose worker is the Procfile's."""

import os
from collections.abc import Sequence

from swag_goals.connections import QUEUE_REDIS_TIMEOUT, connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.jobs.queue import extensions_queue, ring


def enqueue(extensions: Sequence[Extension]) -> None:
    """Put their jobs into the queue."""
    with connect_redis(os.environ["REDIS_URL"], QUEUE_REDIS_TIMEOUT) as connection:
        ring(extensions_queue(connection), extensions)
