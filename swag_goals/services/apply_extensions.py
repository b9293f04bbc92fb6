"""The service behind the job: give the seconds of extensions, notify their viewers, settle the ledger."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.errors import PyMongoError

from swag_goals.counts import counts
from swag_goals.documents import ledger
from swag_goals.documents.extension import DONE, PENDING, REJECTED, Extension
from swag_goals.documents.ledger import Outcome, StartedAttempt
from swag_goals.queue.extensions import job_arguments
from swag_goals.services.attempt import Attempt, attempt
from swag_goals.services.concurrency import concurrently
from swag_goals.services.notify_viewers import notify_viewers

log = logging.getLogger(__name__)


def apply_extensions(jobs: list[dict[str, Any]]) -> list[Outcome]:
    """Several jobs at once, given by their arguments.

    Updates go side by side, then events in tens, then one write of the ledger.

    :returns: how they ended; what is not among them is the sweeper's, or was not the ledger's.
    :raises pymongo.errors.PyMongoError: the ledger could not be read or written.
    """
    started_attempts = _start_attempts(jobs)
    started = time.monotonic()
    outcomes = notify_viewers(_attempt_all(started_attempts))
    ledger.settle(outcomes)
    took = timedelta(seconds=time.monotonic() - started)
    for outcome in outcomes:
        if outcome.extension.status == DONE:
            continue  # notified again; it was counted when it was done
        _count(outcome, started_attempts[0].read_at + took)
        log.info(outcome.status, extra=_ids_of(outcome.extension) | {"reason": outcome.refused})
    return outcomes


def _count(outcome: Outcome, now: datetime) -> None:
    """Count how an attempt ended; of a job that ran twice at once both runs count. `now` is by MongoDB's clock."""
    extension, change = outcome.extension, outcome.change
    if outcome.refused:
        counts.add("rejected", outcome.refused)
        return
    if extension.status in (PENDING, REJECTED):  # when the attempt began
        counts.add("applied")
        if change is not None:
            counts.observe("requested_to_applied", change.at - extension.requested_at)
    if outcome.gave_up:
        counts.add("not_notified")
    if outcome.notified and extension.notify_sd_viewers:
        counts.add("notified")
        applied_at = extension.applied_at or (change.at if change else None)
        if applied_at is not None:
            counts.observe("applied_to_notified", now - applied_at)


def _ids_of(extension: Extension) -> dict[str, str]:
    return {"extension_id": str(extension.id), "request_id": extension.request_id}


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


def _attempt_all(started_attempts: list[StartedAttempt]) -> list[Attempt]:
    """Sessions side by side; the extensions of one session in turn, or they would conflict."""
    sessions: dict[ObjectId, list[StartedAttempt]] = {}
    for each in started_attempts:
        sessions.setdefault(each.extension.session_id, []).append(each)
    return concurrently(_attempt_in_turn, list(sessions.values()))


def _attempt_in_turn(started_attempts: list[StartedAttempt]) -> list[Attempt]:
    attempts = []
    for each in started_attempts:
        try:
            made = attempt(each.extension, each.read_at)
        except PyMongoError as error:
            # The URI's password could stand in the message.
            log.warning("unknown whether applied", extra=_ids_of(each.extension) | {"cause": type(error).__name__})
            if error.timeout:  # the others of the session would wait as long, longer together than a job may
                break
            continue
        if made is not None:
            attempts.append(made)
    return attempts
