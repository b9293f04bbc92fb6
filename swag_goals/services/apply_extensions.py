"""Give the seconds of extensions: the half of a job that waits for MongoDB alone."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from bson import ObjectId
from pymongo.errors import PyMongoError

from swag_goals.documents import ledger
from swag_goals.documents.extension import PENDING, Extension
from swag_goals.documents.permission_update import changes_kept
from swag_goals.queue.extensions import job_arguments
from swag_goals.services.attempt import Attempt, attempt, attempt_in_turn
from swag_goals.services.concurrency import for_each_session

log = logging.getLogger(__name__)


def apply_extensions(jobs: list[dict[str, Any]]) -> list[Attempt]:
    """Give the seconds of several jobs at once, given by their arguments.

    Sessions go side by side; the extensions of one session in turn, or they would conflict, several in one update.

    :returns: what came of them, to be notified and settled; what is not among them is the sweeper's, or was
        not the ledger's.
    :raises pymongo.errors.PyMongoError: the ledger could not be read.
    """
    return for_each_session(_attempt_in_turn, _start_attempts(jobs))


def _start_attempts(jobs: list[dict[str, Any]]) -> Iterable[Extension]:
    """An attempt for each job that says what the ledger says: who writes to Redis grants no time."""
    ids = [ObjectId(job["extension_id"]) for job in jobs]
    known = {str(each.id): each for each in ledger.start_attempts(ids)}
    agreed: dict[str, Extension] = {}
    for job in jobs:
        extension = known.get(job["extension_id"])
        if extension is None or job_arguments(extension) != job:
            log.error("the job is not what the ledger says", extra={"extension_id": job["extension_id"]})
        else:
            agreed[job["extension_id"]] = extension
    return agreed.values()


def _attempt_in_turn(extensions: list[Extension]) -> list[Attempt]:
    attempts: list[Attempt] = []
    waiting = deque(_together(extensions))
    while waiting:
        some = waiting.popleft()
        try:
            made = attempt_in_turn(some) if len(some) > 1 else list(filter(None, [attempt(some[0])]))
        except PyMongoError as error:
            made = None
            for each in some:
                # The URI's password could stand in the message.
                ids = {"extension_id": str(each.id), "request_id": each.request_id}
                log.warning("unknown whether applied", extra=ids | {"cause": type(error).__name__})
            if error.timeout:  # the others of the session would wait as long, longer together than a job may
                break
        if made is not None:
            attempts += made
        elif len(some) > 1:
            waiting.extendleft([each] for each in reversed(some))
    return attempts


def _together(extensions: list[Extension]) -> Iterator[list[Extension]]:
    """Those of one session, in their order: pending ones as many as one update may give, others alone."""
    some: list[Extension] = []
    for each in extensions:
        most = min(changes_kept(one) for one in (*some, each))
        if some and (each.status != PENDING or some[0].status != PENDING or len(some) >= most):
            yield some
            some = []
        some.append(each)
    if some:
        yield some
