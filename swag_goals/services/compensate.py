"""The service behind `flask compensate`: so many seconds to each goal, once under a name, however often it is run."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bson import ObjectId

from swag_goals.documents.extension import Extension
from swag_goals.documents.goal import ExclusiveGoal, GoalNotExtendable, GoalNotFound
from swag_goals.documents.reasons import REASONS
from swag_goals.documents.session import NotApplicable, Session
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.extend_goal import extend_goal

MAX_SECONDS = 3600
PACE = 0.05  # seconds, at the least, from one goal to the next
REST = 4  # times as long as a goal took: callers find MongoDB free
MAX_WAITING = 64  # jobs, one batch of a worker's: with more, callers' seconds would wait behind these
LONG = 3.0  # seconds of that until somebody should know

Compensated = tuple[ExclusiveGoal, str | None]  # or why it is not, in words


def compensate(
    goals: Iterable[ExclusiveGoal],
    *,
    key: str,
    duration: int,
    operation: dict[str, Any],
    enqueuer: Enqueuer,
    waits_long: Callable[[int], object],
) -> Iterator[Compensated]:
    """Extend the goals by `duration` seconds one after another, each as it is done.

    :param operation: who and why, by documents.extension.
    :param waits_long: called with how many jobs wait, once for a goal that they hold up for seconds.
    :raises pymongo.errors.PyMongoError: unknown of the last goal; the same call again settles it.
    """
    for goal in goals:
        _wait(enqueuer, waits_long)
        began = time.monotonic()
        yield goal, obstacle(goal, duration) or _extend(goal, key, duration, operation, enqueuer)
        took = time.monotonic() - began
        time.sleep(max(REST * took, PACE - took))


def _wait(enqueuer: Enqueuer, waits_long: Callable[[int], object]) -> None:
    began, is_said = time.monotonic(), False
    while (waiting := enqueuer.waiting()) > MAX_WAITING:
        if time.monotonic() - began > LONG and not is_said:
            is_said = True
            waits_long(waiting)
        time.sleep(PACE)


def obstacle(goal: ExclusiveGoal, duration: int) -> str | None:
    """Why goal or session cannot be extended as they stand, in words; None where they can."""
    if why := goal.obstacle():
        return why
    session_id, viewers = goal.audience()
    wanted = Extension(id=ObjectId(), session_id=ObjectId(session_id), viewers=viewers, duration=duration)
    verdict = Session.refusal(wanted, read="majority")  # nothing rests on it: the update checks again
    return REASONS[verdict.code] if isinstance(verdict, NotApplicable) else None


def _extend(goal: ExclusiveGoal, key: str, duration: int, operation: dict[str, Any], enqueuer: Enqueuer) -> str | None:
    ids = str(goal.id), str(goal.streamer_id)
    try:
        made = extend_goal(*ids, key, key, enqueuer=enqueuer, limits=None, duration=duration, operation=operation)
    except (GoalNotFound, GoalNotExtendable):
        return "it has just been changed"
    return None if made.operations else "its streamer has used the name as a key"
