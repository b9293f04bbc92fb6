"""Dramatiq: run by `dramatiq dev.bench.peers.dramatiq_worker`."""

import os
from collections.abc import Sequence

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from dev.bench.peers.start import start
from swag_goals.documents.extension import Extension
from swag_goals.jobs.update_session_viewer_permissions import update_session_viewer_permissions
from swag_goals.queue.extensions import job_arguments


class Start(dramatiq.Middleware):  # type: ignore[misc]
    """Connects in the process that works, after the fork."""

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Dramatiq's hook."""
        start()


broker = RedisBroker(url=os.environ["REDIS_URL"])
broker.add_middleware(Start())
dramatiq.set_broker(broker)
job = dramatiq.actor(update_session_viewer_permissions)


def enqueue(extensions: Sequence[Extension]) -> None:
    """Put their jobs into its queue."""
    for extension in extensions:
        job.send(**job_arguments(extension))
