"""Settle extensions: write how attempts ended into the ledger, count it and log it."""

import logging

from swag_goals.counts import counts
from swag_goals.documents import settlement
from swag_goals.documents.extension import DONE, PENDING, REJECTED
from swag_goals.documents.settlement import Outcome

log = logging.getLogger(__name__)


def settle_extensions(outcomes: list[Outcome]) -> None:
    """Write the outcomes, then count and log each once.

    :raises pymongo.errors.PyMongoError: unknown what of it is written; the sweeper comes for the rest.
    """
    settlement.settle(outcomes)
    for outcome in outcomes:
        extension = outcome.extension
        if extension.status == DONE:
            continue  # notified again; it was counted when it was done
        _count(outcome)
        ids = {"extension_id": str(extension.id), "request_id": extension.request_id}
        log.info(outcome.status, extra=ids | {"reason": outcome.refused})
        extension.status = outcome.status  # what is settled again later, is counted on from there


def _count(outcome: Outcome) -> None:
    """Count how an attempt ended; of a job that ran twice at once both runs count."""
    extension, change = outcome.extension, outcome.change
    if outcome.refused:
        counts.add("rejected", outcome.refused)
        return
    if extension.void_of:
        return  # the counts are those of extensions
    if extension.status in (PENDING, REJECTED):  # when the attempt began
        counts.add("applied")
        if change is not None:
            counts.observe("requested_to_applied", change.at - extension.requested_at)
    if outcome.gave_up:
        counts.add("not_notified")
    if outcome.notified and extension.notify_sd_viewers:
        counts.add("notified")
        applied_at = extension.applied_at or (change.at if change else None)
        if applied_at is not None and outcome.at is not None:
            counts.observe("applied_to_notified", outcome.at - applied_at)
