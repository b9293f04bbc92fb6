"""Who works on the queue, as Redis knows it: the workers, a sweeper behind them, and what waits."""

from dataclasses import dataclass

from redis import Redis
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from swag_goals.counts import counts
from swag_goals.queue.extensions import QUEUE, extensions_queue
from swag_goals.time_limits import SWEEPER_TTL

SWEEPER = "swag_goals:sweeper"


@dataclass(frozen=True)
class QueueStatus:
    """How many jobs wait and how many failed, how many workers live, whether a sweeper does."""

    waiting: int
    failed: int
    workers: int
    sweeper: bool


def queue_status(connection: Redis) -> QueueStatus:
    """What Redis knows now.

    :raises redis.RedisError: unknown.
    """
    queue = extensions_queue(connection)
    with connection.pipeline(transaction=False) as pipeline:
        pipeline.llen(queue.key)
        pipeline.zcard(queue.failed_job_registry.key)
        pipeline.exists(SWEEPER)
        pipeline.smembers(WORKERS_BY_QUEUE_KEY % QUEUE)
        waiting, failed, sweeper, workers = pipeline.execute()
    # A worker that was killed stays registered for a while; the key of its own runs out.
    return QueueStatus(waiting, failed, connection.exists(*workers) if workers else 0, bool(sweeper))


def sweeper_lives(connection: Redis) -> None:
    """Let it be known, for some seconds, that a sweeper looks after the ledger, and what it has counted.

    :raises redis.RedisError: nobody knows.
    """
    with connection.pipeline(transaction=False) as pipeline:
        pipeline.set(SWEEPER, "1", ex=SWEEPER_TTL)
        counts.send(pipeline)
