"""Who works on the same jobs. Each has one process, and as many jobs at a time as this program's worker, if it can."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

from dev.stack import procfile
from swag_goals.documents.extension import Extension
from swag_goals.services.concurrency import THREADS

PEERS = "dev.bench.peers"


@dataclass(frozen=True)
class Contestant:
    """A worker: the command that runs it, and the module of `peers` that fills its queue."""

    name: str
    title: str
    command: str
    module: str

    def enqueue(self, extensions: Sequence[Extension]) -> None:
        """Put their jobs into its queue; the servers' addresses are in the environment."""
        importlib.import_module(f"{PEERS}.{self.module}").enqueue(extensions)


CONTESTANTS = (
    Contestant("plain", "RQ SimpleWorker", f"python -m {PEERS}.rq_plain", "rq_plain"),
    Contestant("huey", "Huey", f"huey_consumer {PEERS}.huey_worker.huey -w {THREADS} -k thread", "huey_queue"),
    Contestant(
        "dramatiq",
        "Dramatiq",
        f"dramatiq {PEERS}.dramatiq_worker --processes 1 --threads {THREADS}",
        "dramatiq_worker",
    ),
    Contestant("bullmq", "BullMQ", f"python -m {PEERS}.bullmq", "bullmq"),
    Contestant("unbatched", "ExtensionWorker, a job at a time", f"python -m {PEERS}.unbatched", "unbatched"),
    Contestant("worker", "ExtensionWorker", procfile.lines()["worker"], "product"),
)
