"""Notify viewers of what was given, and settle it: the half of a job that waits for Pusher.

Giving never waits for it: the seconds of the next extensions are given while Pusher is asked for the last
ones. An extension whose viewers are not notified soon is settled as applied, and the sweeper notifies
them when Pusher is back.
"""

import logging
import os
import queue
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from pymongo.errors import PyMongoError

from swag_goals.documents.settlement import Outcome
from swag_goals.events.pusher_channels import MAX_EVENTS, PusherChannels
from swag_goals.events.stream_authorized import Event
from swag_goals.services.attempt import Attempt
from swag_goals.services.settle_extensions import settle_extensions
from swag_goals.settings import read
from swag_goals.time_limits import NOTIFY_BEFORE_SETTLING

log = logging.getLogger(__name__)

# As many as a goal of most viewers needs calls to Pusher; the waits for their answers overlap.
CALLS = 10
# So many may wait for a thread; what is more is left to the sweeper, so that memory stays bounded.
MAX_CALLS = 100
# The half that gives waits while so many batches wait to be settled: for the ledger, never for Pusher.
MAX_BATCHES = 16

_free_calls = threading.BoundedSemaphore(MAX_CALLS)


@dataclass
class Notification:
    """The calls to Pusher that are under way for some attempts."""

    attempts: list[Attempt]
    calls: list[Future[list[Event]]]

    @classmethod
    def send(cls, attempts: Iterable[Attempt]) -> "Notification":
        """Begin to send the events of the attempts, each once, at most ten in a call."""
        attempts = list(attempts)
        events = list(dict.fromkeys(event for made in attempts for event in made.events))
        batches = [events[start : start + MAX_EVENTS] for start in range(0, len(events), MAX_EVENTS)]
        return cls(attempts, [call for batch in batches if (call := _begin(batch))])

    @property
    def ended(self) -> bool:
        """Whether no call is under way any more."""
        return all(call.done() for call in self.calls)

    def outcomes(self) -> list[Outcome]:
        """How the attempts have ended so far."""
        ended = [call for call in self.calls if call.done() and not call.exception()]
        accepted = {event for call in ended for event in call.result()}
        return [made.outcome(accepted) for made in self.attempts]


def notify_viewers(attempts: Iterable[Attempt]) -> list[Outcome]:
    """Notify the viewers of all attempts, and settle these.

    :raises pymongo.errors.PyMongoError: unknown what of it is settled; the sweeper comes for the rest.
    """
    notification = Notification.send(attempts)
    wait(notification.calls)
    outcomes = notification.outcomes()
    settle_extensions(outcomes)
    return outcomes


class Notifier:
    """The same for a worker that goes on giving meanwhile: a thread settles. Make it after the fork."""

    PAUSE = NOTIFY_BEFORE_SETTLING.total_seconds()

    def __init__(self) -> None:
        self._under_way: queue.Queue[Notification | None] = queue.Queue(MAX_BATCHES)
        self._late: list[Notification] = []  # settled as applied while their calls were under way
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)
        self._thread.start()

    def take(self, attempts: list[Attempt]) -> None:
        """Take over what was given; its events are on their way when this returns."""
        if attempts:
            self._under_way.put(Notification.send(attempts))

    def close(self) -> None:
        """Wait until all that was taken is settled, and every call has ended."""
        self._under_way.put(None)
        self._thread.join()

    def _run(self) -> None:
        goes_on = True
        while goes_on or self._late:
            waiting = self._waiting()
            goes_on = goes_on and None not in waiting
            self._settle_late()
            self._settle([notification for notification in waiting if notification])

    def _waiting(self) -> list[Notification | None]:
        """All that wait to be settled; nothing, when it is time to look after the late ones."""
        waiting: list[Notification | None] = []
        with suppress(queue.Empty):
            waiting.append(self._under_way.get(timeout=self.PAUSE if self._late else None))
            while True:
                waiting.append(self._under_way.get_nowait())
        return waiting

    def _settle(self, notifications: list[Notification]) -> None:
        wait([call for each in notifications for call in each.calls], self.PAUSE)
        self._late += [each for each in notifications if not each.ended]
        _settle([outcome for each in notifications for outcome in each.outcomes()])

    def _settle_late(self) -> None:
        for notification in [each for each in self._late if each.ended]:
            self._late.remove(notification)
            _settle([outcome for outcome in notification.outcomes() if outcome.notified])


def _settle(outcomes: list[Outcome]) -> None:
    """What is not settled is due: the sweeper retries it."""
    try:
        settle_extensions(outcomes)
    except Exception as error:  # noqa: BLE001 - the thread goes on, or nothing would be settled any more
        log.warning("unknown whether settled", extra={"cause": type(error).__name__, "extensions": len(outcomes)})
        if len(outcomes) > 1 and not isinstance(error, PyMongoError):
            for outcome in outcomes:
                _settle([outcome])


def _begin(batch: list[Event]) -> Future[list[Event]] | None:
    """Begin a call; None where too many wait already."""
    if not _free_calls.acquire(blocking=False):
        return None
    call = _threads().submit(channels().trigger, batch)
    call.add_done_callback(lambda _: _free_calls.release())
    return call


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CALLS, thread_name_prefix="notify")


@cache
def channels() -> PusherChannels:
    """This process' client of Pusher, made at its first use."""
    return PusherChannels(read(os.environ, "PUSHER_URL"))
