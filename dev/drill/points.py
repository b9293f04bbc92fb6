"""The points at which a process can be made to die: just before or after a call of a named function.

The program has no hook for this. A renamed function stops the drill before it starts.
"""

import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from swag_goals.documents.void import id_of_void
from swag_goals.time_limits import ATTEMPT


@dataclass(frozen=True)
class Call:
    """A call of a point's function; `result` is None before it."""

    instance: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any = None


@dataclass(frozen=True)
class Point:
    """Before or after a call of `function` (`module:name`); `of` says which extensions the call is about."""

    name: str
    process: str
    function: str
    after: bool
    of: Callable[[Call], Iterable[object]]

    @property
    def module(self) -> str:
        """Where the function is looked up by its callers."""
        return self.function.partition(":")[0]

    @property
    def attribute(self) -> str:
        """Its name there, as in `Session.grant`."""
        return self.function.partition(":")[2]

    def check(self) -> None:
        """Look the function up.

        :raises ImportError: the program has no such module.
        :raises AttributeError: the module has no such function.
        """
        found: Any = importlib.import_module(self.module)
        for name in self.attribute.split("."):
            found = getattr(found, name)


def _recorded(call: Call) -> Iterable[object]:
    given = call.kwargs
    return [call.instance.id_for(given["streamer_id"], given["goal_id"], given["key"])]


def _one(call: Call) -> Iterable[object]:
    return [call.args[0].id]


def _all(call: Call) -> Iterable[object]:
    return [extension.id for extension in call.args]


def _attempts(call: Call) -> Iterable[object]:
    return [attempt.extension.id for attempt in call.args[0]]


def _batch(call: Call) -> Iterable[object]:
    return [job.id for job in call.args[0]]


def _ids(call: Call) -> Iterable[object]:
    return list(call.args[0])


def _moved(call: Call) -> Iterable[object]:
    return [each.id for each in call.result if each.deadline > each.requested_at + ATTEMPT]


def _short(call: Call) -> Iterable[object]:
    return _one(call) if call.result else []


def _notified(call: Call) -> Iterable[object]:
    """The event of a void has its extension's id."""
    ids = [event.data["extension_id"] for event in call.args[0]]
    return [*ids, *(id_of_void(ObjectId(each)) for each in ids)]


def _written(call: Call) -> Iterable[object]:
    return [call.args[0]]


def _settled(call: Call) -> Iterable[object]:
    return [call.args[0].extension.id]


def _outcomes(call: Call) -> Iterable[object]:
    return [outcome.extension.id for outcome in call.args[0]]


def _claimed(call: Call) -> Iterable[object]:
    return [extension.id for extension in call.result]


def _retried(call: Call) -> Iterable[object]:
    return [extension.id for extension in call.args[1]]


def _released(call: Call) -> Iterable[object]:
    return [extension for ids in call.args[0].values() for extension in ids]


def _plain(call: Call) -> Iterable[object]:
    return [call.kwargs["extension_id"]]


_RECORD = "swag_goals.documents.extension:Extension.record"
_WRITE = "swag_goals.documents.extension:Extension.write_down"
_ENQUEUER = "swag_goals.queue.extensions:Enqueuer.enqueue"
_WORKER = "swag_goals.jobs.worker:ExtensionWorker"
_LEDGER = "swag_goals.documents.ledger"
_SETTLEMENT = "swag_goals.documents.settlement"
_SESSION = "swag_goals.documents.session:Session"
_NOTIFY = "swag_goals.services.notify_viewers"
_RETRY = "swag_goals.services.retry_notifications"
_PUSHER = "swag_goals.events.pusher_channels:PusherChannels.trigger"

BEFORE, AFTER = False, True
WEB = (
    Point("before the record", "web", _RECORD, BEFORE, _recorded),
    Point("after the record", "web", _RECORD, AFTER, _recorded),
    Point("before the enqueue", "web", _ENQUEUER, BEFORE, _one),
    Point("after the enqueue", "web", _ENQUEUER, AFTER, _one),
)
WORKER = (
    Point("after the pop", "worker", f"{_WORKER}.execute_job", BEFORE, _one),
    Point("after the pop of a batch", "worker", f"{_WORKER}._perform", BEFORE, _batch),
    Point("before reading the ledger", "worker", f"{_LEDGER}:start_attempts", BEFORE, _ids),
    Point("before claiming a deadline", "worker", f"{_LEDGER}:_is_short", AFTER, _short),
    Point("after reading the ledger", "worker", f"{_LEDGER}:start_attempts", AFTER, _claimed),
    Point("after claiming a deadline", "worker", f"{_LEDGER}:start_attempts", AFTER, _moved),
    Point("before the session's update", "worker", f"{_SESSION}.grant_all", BEFORE, _all),
    Point("after the session's update", "worker", f"{_SESSION}.grant_all", AFTER, _all),
    Point("before asking for the refusal", "worker", f"{_SESSION}.refusal", BEFORE, _one),
    Point("after asking for the refusal", "worker", f"{_SESSION}.refusal", AFTER, _one),
    Point("before the notifier takes over", "worker", f"{_NOTIFY}:Notifier.take", BEFORE, _attempts),
    Point("after the notifier takes over", "worker", f"{_NOTIFY}:Notifier.take", AFTER, _attempts),
    Point("before the Pusher call", "worker", _PUSHER, BEFORE, _notified),
    Point("after the Pusher call", "worker", _PUSHER, AFTER, _notified),
    Point("before the settlement", "worker", f"{_SETTLEMENT}:settle", BEFORE, _outcomes),
    Point("after the settlement", "worker", f"{_SETTLEMENT}:settle", AFTER, _outcomes),
    Point("before RQ's bookkeeping", "worker", f"{_WORKER}._record", BEFORE, _batch),
    Point("after RQ's bookkeeping", "worker", f"{_WORKER}._record", AFTER, _batch),
)
#: Of voids alone; they pass the others as well.
VOID = (
    Point("before the void's record", "operator", _WRITE, BEFORE, _written),
    Point("after the void's record", "operator", _WRITE, AFTER, _written),
    Point("after the extension knows of its void", "worker", f"{_SETTLEMENT}:settlement", BEFORE, _settled),
)
SWEEPER = (
    Point("after the claim", "sweeper", f"{_LEDGER}:claim_due", AFTER, _claimed),
    Point("after enqueueing again", "sweeper", "swag_goals.services.retry_overdue:enqueue", AFTER, _retried),
    Point("before notifying again", "sweeper", f"{_RETRY}:notify_viewers", BEFORE, _attempts),
    Point("after notifying again", "sweeper", f"{_RETRY}:notify_viewers", AFTER, _attempts),
    Point("before the guard's release", "sweeper", f"{_SESSION}.release", BEFORE, _released),
    Point("after the guard's release", "sweeper", f"{_SESSION}.release", AFTER, _released),
)
# Passed by every job, and once: for deaths at random.
IN_JOBS = tuple(point for point in WORKER if "the refusal" not in point.name and "a deadline" not in point.name)
PLAIN: tuple[Point, ...] = (
    Point("before the plain update", "worker", "dev.drill.plain.job:grant", BEFORE, _plain),
    Point("after the plain update", "worker", "dev.drill.plain.job:grant", AFTER, _plain),
    Point("after the plain Pusher call", "worker", "dev.drill.plain.job:notify", AFTER, _plain),
)
ALL = WEB + WORKER + VOID + SWEEPER + PLAIN
