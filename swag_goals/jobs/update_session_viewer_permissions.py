"""The job: give the seconds of extensions in their sessions, tell the viewers, keep the books.

It may run any number of times, at once and in any order. Every step asks MongoDB what is so;
what a step does not get to know, it leaves to the sweeper.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from bson import ObjectId
from pymongo.errors import PyMongoError

from swag_goals.counts import counts
from swag_goals.documents import ledger
from swag_goals.documents.extension import DONE, PENDING, REJECTED, Extension
from swag_goals.documents.ledger import Begun, Outcome
from swag_goals.events.pusher_channels import MOST_EVENTS, PusherChannels
from swag_goals.events.stream_authorized import Event
from swag_goals.jobs.attempt import Attempt, attempt
from swag_goals.jobs.queue import arguments
from swag_goals.settings import read

T = TypeVar("T")
U = TypeVar("U")

log = logging.getLogger(__name__)

# As many as a goal of most viewers needs calls to Pusher; the waits for their answers overlap.
SIDE_BY_SIDE = 10
# Seconds; with a Pusher that hangs the ledger would wait for every call. The sweeper has the rest told.
LONGEST_TELLING = 10.0


def update_session_viewer_permissions(
    session_id: str,
    viewers: list[str],
    nbf: str,
    duration: int = 60,
    notify_sd_viewers: bool = True,
    *,
    extension_id: str,
) -> None:
    """RQ's job for one extension. Ids are text, `nbf` is ISO 8601, `duration` is in seconds.

    The ledger's values win: where the arguments differ from them, nothing is done.
    """
    work([dict(locals())])


def work(orders: list[dict[str, Any]]) -> list[Outcome]:
    """Several jobs at once, given by their arguments.

    Updates go side by side, then events in tens, then one write of the ledger.

    :returns: how they ended; what is not among them is the sweeper's, or was not the ledger's.
    :raises pymongo.errors.PyMongoError: the ledger could not be read or written.
    """
    begun = _begin(orders)
    started = time.monotonic()
    attempts = _attempt_all(begun)
    outcomes = _tell(attempts)
    ledger.settle(outcomes)
    took = timedelta(seconds=time.monotonic() - started)
    for outcome in outcomes:
        if outcome.extension.status == DONE:
            continue  # told again; it was counted when it was done
        _count(outcome, begun[0].read_at + took)
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
            counts.observe("asked_to_applied", change.at - extension.requested_at)
    if outcome.gave_up:
        counts.add("untold")
    if outcome.told and extension.notify_sd_viewers:
        counts.add("told")
        applied_at = extension.applied_at or (change.at if change else None)
        if applied_at is not None:
            counts.observe("applied_to_told", now - applied_at)


def _ids_of(extension: Extension) -> dict[str, str]:
    return {"extension_id": str(extension.id), "request_id": extension.request_id}


def _begin(orders: list[dict[str, Any]]) -> list[Begun]:
    """The extensions of those orders that say what the ledger says: who writes to Redis grants no time."""
    known = {str(each.extension.id): each for each in ledger.begin([ObjectId(o["extension_id"]) for o in orders])}
    agreed: dict[str, Begun] = {}
    for order in orders:
        begun = known.get(order["extension_id"])
        if begun is None or arguments(begun.extension) != order:
            log.error("the job is not what the ledger says", extra={"extension_id": order["extension_id"]})
        else:
            agreed[order["extension_id"]] = begun
    return list(agreed.values())


def _attempt_all(begun: list[Begun]) -> list[Attempt]:
    """Sessions side by side; the extensions of one session in turn, or they would conflict."""
    sessions: dict[ObjectId, list[Begun]] = {}
    for each in begun:
        sessions.setdefault(each.extension.session_id, []).append(each)
    return _side_by_side(_attempt_in_turn, list(sessions.values()))


def _attempt_in_turn(begun: list[Begun]) -> list[Attempt]:
    attempts = []
    for each in begun:
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


def _tell(attempts: list[Attempt]) -> list[Outcome]:
    """Send all events in tens, then say of each extension whether all of its viewers are told."""
    events = [event for made in attempts for event in made.events]
    taken = {id(event) for event in _send(events)}
    outcomes = []
    for made in attempts:
        sent = all(id(event) in taken for event in made.events)
        outcomes.append(
            Outcome(
                made.extension,
                change=made.change,
                refused=made.refused,
                told=sent and made.all_can_be_told,
                gave_up=sent and not made.all_can_be_told,
            )
        )
    return outcomes


def _send(events: list[Event]) -> Iterable[Event]:
    batches = [events[start : start + MOST_EVENTS] for start in range(0, len(events), MOST_EVENTS)]
    channels, until = _channels(), time.monotonic() + LONGEST_TELLING

    def trigger(batch: list[Event]) -> list[Event]:
        return channels.trigger(batch) if time.monotonic() < until else []

    return _side_by_side(trigger, batches)


def _side_by_side(do: Callable[[T], list[U]], items: list[T]) -> list[U]:
    """What comes of all items together, in their order. A single one waits for no thread."""
    made = map(do, items) if len(items) == 1 else _threads().map(do, items)
    return [each for some in made for each in some]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="attempt")


@cache
def _channels() -> PusherChannels:
    return PusherChannels(read(os.environ, "PUSHER_URL"))
