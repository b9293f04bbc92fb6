"""The service behind `flask compensate`: so many seconds to each goal, once under a name, however often it is run."""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bson import ObjectId
from redis import RedisError
from rq import Queue

from swag_goals.documents import ledger_queries
from swag_goals.documents.extension import PENDING, Extension, operation
from swag_goals.documents.goal import NOT_EXTENDABLE, ExclusiveGoal, GoalNotExtendable, GoalNotFound
from swag_goals.documents.reasons import REASONS
from swag_goals.documents.session import NotApplicable, Session
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.extend_goal import extend_goal

log = logging.getLogger(__name__)

MAX_SECONDS = 3600
PACE = 0.025  # seconds, at the least, from one goal to the next
REST = 3  # times as long as a goal took: callers find MongoDB free
MAX_WAITING = 64  # jobs: one batch of a worker's. With more, callers' seconds would wait behind these
PATIENCE = 20.0  # seconds in which nothing becomes of what is pending
LOOK = 0.2  # seconds

NOT_ACTIVE, NO_STREAMER = "it is not active", "it names no streamer"


@dataclass(frozen=True)
class Compensation:
    """What is given under one name: `seconds` to each viewer of a goal; `by` whom and `why`."""

    name: str
    seconds: int
    by: str
    why: str

    @property
    def key(self) -> str:
        """The key of its extensions, one on each goal."""
        return f"compensate:{self.name}"


def obstacle(goal: ExclusiveGoal, seconds: int) -> str | None:
    """Why goal or session cannot be extended as they stand, in words; None where they can.

    :raises pymongo.errors.PyMongoError: unknown.
    """
    if goal.streamer_id is None:
        return NO_STREAMER
    if goal.active is not True:
        return NOT_ACTIVE
    try:
        session_id, viewers = goal.audience()
    except GoalNotExtendable as refusal:
        return NOT_EXTENDABLE[refusal.code]
    asked = Extension(id=ObjectId(), session_id=ObjectId(session_id), viewers=viewers, duration=seconds)
    verdict = Session.refusal(asked)
    return REASONS[verdict.code] if isinstance(verdict, NotApplicable) else None


def compensate(
    given: Compensation, goals: Iterable[ExclusiveGoal], enqueuer: Enqueuer, queue: Queue
) -> Iterator[tuple[str, str]]:
    """Extend the goals one after another, at a pace that leaves room for callers.

    :returns: the id of each that is not, and why, in words.
    :raises pymongo.errors.PyMongoError: unknown of the last goal; to begin anew settles it.
    """
    for goal in goals:
        _wait_for_workers(queue)
        began = time.monotonic()
        if why := _extend(given, goal, enqueuer):
            yield str(goal.id), why
        took = time.monotonic() - began
        time.sleep(max(REST * took, PACE - took))


def wait_until_settled(given: Compensation) -> None:
    """Wait until none is pending, or nothing has become of any for a while."""
    pending, since = -1, time.monotonic()
    while time.monotonic() - since < PATIENCE:
        now = sum(each["status"] == PENDING for each in ledger_queries.compensated(given.key))
        if not now:
            return
        if now != pending:
            pending, since = now, time.monotonic()
        time.sleep(LOOK)


def _extend(given: Compensation, goal: ExclusiveGoal, enqueuer: Enqueuer) -> str | None:
    if goal.streamer_id is None:
        return NO_STREAMER
    by_hand = operation(by=given.by, why=given.why, what="compensate")
    try:
        made = extend_goal(
            str(goal.id),
            goal.streamer_id,
            given.key,
            given.key,
            enqueuer=enqueuer,
            limits=None,
            duration=given.seconds,
            operation=by_hand,
        )
    except GoalNotFound:
        return NOT_ACTIVE
    except GoalNotExtendable as refusal:
        return NOT_EXTENDABLE[refusal.code]
    return None if made.operations else "its streamer has asked for time under this name"


def _wait_for_workers(queue: Queue) -> None:
    said = False
    try:
        while queue.count > MAX_WAITING:
            if not said:
                log.warning("held back: the queue is long")
            said = True
            time.sleep(LOOK)
    except RedisError:
        return  # they are left to the sweeper
