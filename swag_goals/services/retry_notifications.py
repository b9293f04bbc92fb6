"""The sweeper's other half: notifies viewers whom the worker could not, when Pusher is back."""

import logging

from pymongo.errors import PyMongoError

from swag_goals.counts import counts
from swag_goals.documents import ledger
from swag_goals.documents.extension import Extension
from swag_goals.events.pusher_channels import MAX_EVENTS
from swag_goals.services.attempt import Attempt, notify_again
from swag_goals.services.concurrency import for_each_session
from swag_goals.services.notify_viewers import channels, notify_viewers

log = logging.getLogger(__name__)

MAX_EXTENSIONS = 1_000


def retry_notifications() -> int:
    """Notify once more those whose turn it is, the newest permissions first; how many were settled.

    All extensions of a session share one event a viewer: it says what stands now.

    :raises pymongo.errors.PyMongoError: MongoDB is unavailable; nothing is lost by that.
    """
    if channels().breaker.resting:
        return 0
    # While nobody knows whether Pusher is back, one call finds out.
    claimed = ledger.claim_unnotified(MAX_EXTENSIONS if channels().breaker.answers else MAX_EVENTS)
    if not claimed:
        return 0
    counts.add("notifications_retried", amount=len(claimed))
    return len(notify_viewers(for_each_session(_notify_again, claimed)))


def _notify_again(extensions: list[Extension]) -> list[Attempt]:
    try:
        return notify_again(extensions)
    except PyMongoError as error:
        log.warning("a session cannot be read", extra={"cause": type(error).__name__})
        return []
