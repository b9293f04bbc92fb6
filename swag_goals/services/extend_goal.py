"""The service: record one extension of a streamer's active exclusive goal, and enqueue its job."""

import logging
from typing import Any

import pymongo

from swag_goals.counts import counts
from swag_goals.documents.extension import DURATION, Extension
from swag_goals.documents.goal import ExclusiveGoal, GoalNotExtendable, GoalNotFound
from swag_goals.documents.ids import hex_id
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.rate_limits import LimitExceeded, RateLimits
from swag_goals.time_limits import ANSWER_TIMEOUT

log = logging.getLogger(__name__)


def extend_goal(
    goal_id: str,
    streamer_id: str,
    key: str,
    request_id: str,
    *,
    enqueuer: Enqueuer,
    limits: RateLimits | None,
    duration: int = DURATION,
    operation: dict[str, Any] | None = None,
) -> Extension:
    """Extend the goal's viewers by `duration` seconds, once for each key.

    The extension is on a majority of MongoDB's members when this returns; its job gives the
    seconds. `limits` is None for operators, whose `operation` (documents.extension) says who they are and why.

    :raises GoalNotFound: no active exclusive goal of this streamer.
    :raises GoalNotExtendable: its context names no session or no viewers.
    :raises LimitExceeded: too many extensions; a repeat never counts.
    :raises pymongo.errors.PyMongoError: unknown; the same call again settles it.
    """
    with pymongo.timeout(ANSWER_TIMEOUT.total_seconds()):
        if hex_id(goal_id) is None:
            raise GoalNotFound
        extension_id = Extension.id_for(streamer_id, goal_id, key)
        goal, is_known = ExclusiveGoal.active_with_extension(goal_id, streamer_id, extension_id)
        if is_known and (known := Extension.repeat(extension_id)):
            return known
        try:
            if goal is None:
                raise GoalNotFound
            session_id, viewers = goal.audience()
            if limits is not None:
                limits.count(extension_id, goal_id, streamer_id)
        except (GoalNotFound, GoalNotExtendable, LimitExceeded):
            # What an earlier request recorded may not be on a majority yet, and is not refused.
            if known := Extension.repeat(extension_id):
                return known
            raise
        extension = Extension.record(
            streamer_id=streamer_id,
            goal_id=goal_id,
            session_id=session_id,
            viewers=viewers,
            key=key,
            request_id=request_id,
            duration=duration,
            operation=operation,
        )
    log.info("recorded", extra={"extension_id": str(extension.id)})
    if not extension.replayed:
        counts.add("requested")
    enqueuer.enqueue(extension)
    return extension
