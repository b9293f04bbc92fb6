"""One attempt at one extension: its seconds in the session, and what is to be told of it."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from swag_goals.documents import ledger
from swag_goals.documents.extension import PENDING, REJECTED, Extension
from swag_goals.documents.session import AppliedBefore, Change, Session, Standing, TooLate, Unfit, UnreadablePermission
from swag_goals.events.stream_authorized import Event, events

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """What came of it. Without `refused` the seconds are given, now or before.

    `change` is what the session said of it; None where the ledger has it, or nobody any more.
    `events` are the viewers' that can be told; `all_can_be_told` is False where some cannot.
    """

    extension: Extension
    change: Change | None = None
    refused: str | None = None
    events: list[Event] = field(default_factory=list)
    all_can_be_told: bool = True


def attempt(extension: Extension, read_at: datetime) -> Attempt | None:
    """Bring the extension as far as the session lets it; None leaves it to the sweeper.

    :raises pymongo.errors.PyMongoError: unknown; the next attempt finds out.
    """
    if extension.status == REJECTED:
        return _last_look(extension, read_at)
    if extension.status != PENDING:
        return _tell_again(extension, None)
    try:
        change = Session.grant(extension)
    except AppliedBefore as before:
        return _tell_again(extension, before.change)
    except Unfit as unfit:
        return Attempt(extension, refused=unfit.code)
    except TooLate:
        log.warning("the attempt came too late", extra={"extension_id": str(extension.id)})
        return None
    told = events(extension, change.after, change.revision, change.at) if extension.notify_sd_viewers else []
    return Attempt(extension, change, events=told)


def _last_look(extension: Extension, read_at: datetime) -> Attempt | None:
    """A rejection is final once no attempt is left that could have applied it after all."""
    if extension.due is None or read_at < extension.deadline + ledger.ATTEMPT_OVER:
        return None
    verdict = Session.why_not(extension)
    if isinstance(verdict, AppliedBefore):
        return _tell_again(extension, verdict.change)
    ledger.close_rejected(extension)
    return None


def _tell_again(extension: Extension, change: Change | None) -> Attempt:
    """The permissions as they stand now, to the viewers whose permission lasts."""
    if not extension.notify_sd_viewers:
        return Attempt(extension, change)
    standing = Session.standing(extension.session_id, extension.viewers)
    if standing is None:
        return Attempt(extension, change, all_can_be_told=False)
    lasting = {viewer: found for viewer in extension.viewers if (found := _lasting(standing, viewer))}
    told = events(extension, lasting, standing.revision or 0, standing.server_time)
    return Attempt(extension, change, events=told, all_can_be_told=len(lasting) == len(extension.viewers))


def _lasting(standing: Standing, viewer: str) -> dict[str, Any] | None:
    """The viewer's permission while it lasts; None where there is nothing left to tell of."""
    try:
        permission = standing.permission(viewer)
    except UnreadablePermission:
        return None
    if permission is None or None in permission.values() or permission["exp"] <= standing.server_time:
        return None
    return permission
