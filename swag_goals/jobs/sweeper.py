"""The sweeper: drives again what is overdue, and lets sessions forget what is long settled.

It reads MongoDB alone, since Redis may have lost everything; any number of sweepers may run.
"""

import logging
import threading

from pymongo.errors import PyMongoError
from redis import RedisError
from rq import Queue

from swag_goals.counts import counts
from swag_goals.documents import ledger
from swag_goals.documents.extension import Extension
from swag_goals.jobs.hearing import sweeper_lives
from swag_goals.jobs.queue import ring

log = logging.getLogger(__name__)

PAUSE = 0.5  # seconds between two looks
MOST_DRIVEN = 500
MOST_RELEASED = 2_000
# With so many jobs waiting, more of them would only wait as well.
LONG_QUEUE = 1_000


def sweep(queue: Queue) -> int:
    """Look once; how many extensions were driven again or released.

    :raises pymongo.errors.PyMongoError: MongoDB is away; nothing is lost by that.
    """
    return _drive(queue) + ledger.release(MOST_RELEASED)


def run(queue: Queue, stop: threading.Event) -> None:
    """Sweep until `stop` is set."""
    while not stop.is_set():
        try:
            busy = sweep(queue)
        except PyMongoError as error:
            log.warning("mongodb is away", extra={"cause": type(error).__name__})
            busy = 0
        if not busy:
            stop.wait(PAUSE)


def _drive(queue: Queue) -> int:
    """Ring again for what is overdue, unless nobody could hear it."""
    try:
        sweeper_lives(queue.connection)
        room = LONG_QUEUE - queue.count
        if room <= 0:
            log.warning("held back: the queue is long")
            return 0
        extensions = _unheard(queue, ledger.claim_due(min(room, MOST_DRIVEN)))
        if not extensions:
            return 0
        counts.add("driven_again", amount=len(extensions))
        ring(queue, extensions)
    except RedisError as error:
        log.warning("redis is away", extra={"cause": type(error).__name__})
        return 0
    log.info("driven again", extra={"extensions": len(extensions)})
    return len(extensions)


def _unheard(queue: Queue, extensions: list[Extension]) -> list[Extension]:
    """Without those whose job still waits: rung again, it would be done twice, and a backlog would feed itself."""
    # As bytes, since others may have written something else than text there.
    waiting = set(queue.connection.lrange(queue.key, 0, -1)) if extensions else set()
    return [extension for extension in extensions if str(extension.id).encode() not in waiting]
