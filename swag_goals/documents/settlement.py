"""How attempts ended, and what the ledger keeps of it. What stands there first, stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from swag_goals.documents.compact_record import compact_by_viewer
from swag_goals.documents.extension import APPLIED, DONE, PENDING, REJECTED, Extension
from swag_goals.documents.reasons import REASONS
from swag_goals.documents.session import Change
from swag_goals.documents.void import taken_back
from swag_goals.time_limits import ATTEMPT_OVER, MAX_RETRY_WAIT, OVERDUE
from swag_goals.times import milliseconds

# When no attempt can be under way any longer, as an expression.
ALL_ARE_OVER = {"$add": ["$deadline", milliseconds(ATTEMPT_OVER)]}
# A record of the code before has none yet, and another hand may have left anything.
RETRIES = {"$cond": [{"$in": [{"$type": "$retries"}, ["int", "long"]]}, "$retries", 0]}
# Taken out of the record, or the indexes of what is to be done would hold it.
REMOVED = "$$REMOVE"
_IS_DONE = {"$eq": ["$status", DONE]}


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended for one extension, for the ledger to keep.

    `change` is what the session says of it (None: unknown by now); `refused` is a code of
    REJECTIONS; `notified` says whether Pusher has every event; `gave_up` that it never will; `at` is
    when, by MongoDB's clock.
    """

    extension: Extension
    change: Change | None = None
    refused: str | None = None
    notified: bool = False
    gave_up: bool = False
    at: datetime | None = None

    @property
    def status(self) -> str:
        """The extension's status by this outcome."""
        if self.refused:
            return REJECTED
        return DONE if self.notified else APPLIED


def settle(outcomes: list[Outcome]) -> None:
    """Write the outcomes into the ledger, on a majority, in one call. What stands there first, stands.

    The extension of a void knows what it took before the void is settled, so that a crash between the two is mended.
    """
    ledger = Extension._get_collection()
    voids = [each for each in outcomes if each.extension.void_of and not each.refused]
    new = [taken_back(each.extension, each.change) for each in voids if each.extension.status not in (APPLIED, DONE)]
    if new:
        ledger.bulk_write(new, ordered=False)
    if outcomes:
        ledger.bulk_write([settlement(outcome) for outcome in outcomes], ordered=False)


def settlement(outcome: Outcome) -> UpdateOne:
    """The write that `settle` makes of one outcome."""
    if outcome.refused:
        return _rejection(outcome)
    over = outcome.notified or outcome.gave_up
    fields: dict[str, Any] = {
        "status": DONE if outcome.notified else {"$cond": [_IS_DONE, DONE, APPLIED]},
        "release_at": ALL_ARE_OVER,
        "due": REMOVED if over else {"$cond": [_IS_DONE, REMOVED, retry_wait()]},
        "reason": _reason("pusher_refused") if outcome.gave_up else None,
    }
    if outcome.notified:
        notified_at = {"$ifNull": ["$notified_at", "$$NOW"]}
        fields["notified_at"] = notified_at if outcome.extension.notify_sd_viewers else None
    unsettled: dict[str, Any] = {"status": {"$ne": DONE}}
    if outcome.change is not None:
        fields |= _fields_of(outcome.change)
        # A repeat that could not know the change may have closed it before.
        unsettled = {"$or": [unsettled, {"applied_at": None}]}
    return UpdateOne({"_id": outcome.extension.id, **unsettled}, [{"$set": fields}])


def _fields_of(change: Change) -> dict[str, Any]:
    """What the session says of the change. There is only one of an extension, so what is known already is the same."""
    known = {
        "applied_nbf": change.nbf,
        "applied_at": change.at,
        "revision": {"$literal": change.revision},
        "permissions": {"$literal": compact_by_viewer(change.after)},
        "before": {"$literal": compact_by_viewer(change.before)},
    }
    return {name: {"$ifNull": [f"${name}", value]} for name, value in known.items()}


def _rejection(outcome: Outcome) -> UpdateOne:
    """An attempt that started before may yet apply it, so it is looked at once more when all have run out.

    Where a later attempt has started, perhaps on a mended session, its own verdict counts.
    """
    fields = {"status": REJECTED, "reason": _reason(outcome.refused or ""), "due": ALL_ARE_OVER}
    pending = {"_id": outcome.extension.id, "status": PENDING, "deadline": outcome.extension.deadline}
    return UpdateOne(pending, [{"$set": fields}])


def retry_wait() -> dict[str, Any]:
    """When it is tried again, as an expression: twice as long after each retry, half of it left to chance."""
    first, longest = milliseconds(OVERDUE), milliseconds(MAX_RETRY_WAIT)
    wait = {"$min": [longest, {"$multiply": [first, {"$pow": [2, RETRIES]}]}]}
    return {"$add": ["$$NOW", {"$toInt": {"$multiply": [wait, {"$add": [0.5, {"$multiply": [0.5, {"$rand": {}}]}]}]}}]}


def _reason(code: str) -> dict[str, Any]:
    return {"$literal": {"code": code, "detail": REASONS[code]}}
