"""The sweeper: retries what is overdue, and lets the guards of sessions forget what is long settled.

It reads MongoDB alone, since Redis may have lost everything; any number of sweepers may run.
"""

import logging

from redis import RedisError
from rq import Queue

from swag_goals.connections import cause
from swag_goals.counts import counts
from swag_goals.documents import ledger
from swag_goals.documents.extension import Extension
from swag_goals.queue.extensions import enqueue
from swag_goals.queue.status import sweeper_lives

log = logging.getLogger(__name__)

MAX_RELEASED = 2_000
# With so many jobs waiting, more of them would only wait as well, and new extensions behind them.
MAX_QUEUE = 128


def sweep(queue: Queue) -> int:
    """Look once; how many extensions were retried or released.

    :raises pymongo.errors.PyMongoError: MongoDB is unavailable; nothing is lost by that.
    """
    return _retry(queue) + ledger.release(MAX_RELEASED)


def _retry(queue: Queue) -> int:
    """Enqueue again what is overdue, unless no worker would come to it."""
    try:
        sweeper_lives(queue.connection)
        room = MAX_QUEUE - queue.count
        if room <= 0:
            log.warning("held back: the queue is long")
            return 0
        extensions = _not_waiting(queue, ledger.claim_due(room))
        if not extensions:
            return 0
        counts.add("retried", amount=len(extensions))
        enqueue(queue, extensions)
    except RedisError as error:
        log.warning("redis is unavailable", extra={"cause": cause(error)})
        return 0
    log.info("retried", extra={"extensions": len(extensions)})
    return len(extensions)


def _not_waiting(queue: Queue, extensions: list[Extension]) -> list[Extension]:
    """Without those whose job still waits: enqueued again, it would run twice, and a backlog would feed itself."""
    # As bytes, since others may have written something else than text there.
    waiting = set(queue.connection.lrange(queue.key, 0, -1)) if extensions else set()
    return [extension for extension in extensions if str(extension.id).encode() not in waiting]
