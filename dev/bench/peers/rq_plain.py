"""RQ as it comes: its SimpleWorker, one job after the other."""

import os
from collections.abc import Sequence

from redis import Redis
from rq import Queue, SimpleWorker

from dev.bench.peers.start import start
from swag_goals.documents.extension import Extension
from swag_goals.queue.extensions import FUNCTION, job_arguments

NAME = "plain"


def enqueue(extensions: Sequence[Extension]) -> None:
    """Put their jobs into a queue of its own."""
    with Redis.from_url(os.environ["REDIS_URL"]) as connection:
        jobs = [Queue.prepare_data(FUNCTION, kwargs=job_arguments(extension)) for extension in extensions]
        Queue(NAME, connection=connection).enqueue_many(jobs)


if __name__ == "__main__":
    start()
    connection = Redis.from_url(os.environ["REDIS_URL"])
    SimpleWorker([Queue(NAME, connection=connection)], connection=connection).work(logging_level="WARNING")
