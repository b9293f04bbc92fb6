"""Give the seconds of extensions: the half of a job that waits for MongoDB alone."""

import logging
from typing import Any

from bson import ObjectId
from pymongo.errors import PyMongoError

from swag_goals.documents import ledger
from swag_goals.documents.ledger import StartedAttempt
from swag_goals.queue.extensions import job_arguments
from swag_goals.services.attempt import Attempt, attempt
from swag_goals.services.concurrency import concurrently

log = logging.getLogger(__name__)


def apply_extensions(jobs: list[dict[str, Any]]) -> list[Attempt]:
    """Give the seconds of several jobs at once, given by their arguments.

    Sessions go side by side; the extensions of one session in turn, or they would conflict.

    :returns: what came of them, to be notified and settled; what is not among them is the sweeper's, or was
        not the ledger's.
    :raises pymongo.errors.PyMongoError: the ledger could not be read.
    """
    sessions: dict[ObjectId, list[StartedAttempt]] = {}
    for started in _start_attempts(jobs):
        sessions.setdefault(started.extension.session_id, []).append(started)
    return concurrently(_attempt_in_turn, list(sessions.values()))


def _start_attempts(jobs: list[dict[str, Any]]) -> list[StartedAttempt]:
    """An attempt for each job that says what the ledger says: who writes to Redis grants no time."""
    ids = [ObjectId(job["extension_id"]) for job in jobs]
    known = {str(each.extension.id): each for each in ledger.start_attempts(ids)}
    agreed: dict[str, StartedAttempt] = {}
    for job in jobs:
        started = known.get(job["extension_id"])
        if started is None or job_arguments(started.extension) != job:
            log.error("the job is not what the ledger says", extra={"extension_id": job["extension_id"]})
        else:
            agreed[job["extension_id"]] = started
    return list(agreed.values())


def _attempt_in_turn(started_attempts: list[StartedAttempt]) -> list[Attempt]:
    attempts = []
    for each in started_attempts:
        try:
            made = attempt(each.extension, each.read_at)
        except PyMongoError as error:
            # The URI's password could stand in the message.
            ids = {"extension_id": str(each.extension.id), "request_id": each.extension.request_id}
            log.warning("unknown whether applied", extra=ids | {"cause": type(error).__name__})
            if error.timeout:  # the others of the session would wait as long, longer together than a job may
                break
            continue
        if made is not None:
            attempts.append(made)
    return attempts
