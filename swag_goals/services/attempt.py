"""One attempt at one extension: its seconds in the session, and what its viewers are to be notified of."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from swag_goals.documents import ledger
from swag_goals.documents.extension import PENDING, REJECTED, Extension
from swag_goals.documents.session import AlreadyApplied, Change, DeadlineExceeded, NotApplicable, Session
from swag_goals.documents.snapshot import Snapshot, UnreadablePermission
from swag_goals.events.stream_authorized import Event, events
from swag_goals.time_limits import ATTEMPT_OVER

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """What came of it. Without `refused` the seconds are given, now or before.

    `change` is what the session said of it; None where the ledger has it, or nobody any more.
    `events` are the viewers' that can be notified; `all_can_be_notified` is False where some cannot.
    """

    extension: Extension
    change: Change | None = None
    refused: str | None = None
    events: list[Event] = field(default_factory=list)
    all_can_be_notified: bool = True


def attempt(extension: Extension, read_at: datetime) -> Attempt | None:
    """Bring the extension as far as the session lets it; None leaves it to the sweeper.

    :raises pymongo.errors.PyMongoError: unknown; the next attempt finds out.
    """
    if extension.status == REJECTED:
        return _last_look(extension, read_at)
    if extension.status != PENDING:
        return _notify_again(extension, None)
    try:
        change = Session.grant(extension)
    except AlreadyApplied as before:
        return _notify_again(extension, before.change)
    except NotApplicable as refusal:
        return Attempt(extension, refused=refusal.code)
    except DeadlineExceeded:
        log.warning("deadline exceeded", extra={"extension_id": str(extension.id)})
        return None
    its_events = events(extension, change.after, change.revision, change.at) if extension.notify_sd_viewers else []
    return Attempt(extension, change, events=its_events)


def _last_look(extension: Extension, read_at: datetime) -> Attempt | None:
    """A rejection is final once no attempt is left that could have applied it after all."""
    if extension.due is None or read_at < extension.deadline + ATTEMPT_OVER:
        return None
    verdict = Session.refusal(extension)
    if isinstance(verdict, AlreadyApplied):
        return _notify_again(extension, verdict.change)
    ledger.close_rejected(extension)
    return None


def _notify_again(extension: Extension, change: Change | None) -> Attempt:
    """The permissions as they stand now, to the viewers whose permission lasts."""
    if not extension.notify_sd_viewers:
        return Attempt(extension, change)
    snapshot = Session.snapshot(extension.session_id, extension.viewers)
    if snapshot is None:
        return Attempt(extension, change, all_can_be_notified=False)
    lasting = {viewer: found for viewer in extension.viewers if (found := _lasting(snapshot, viewer))}
    its_events = events(extension, lasting, snapshot.revision or 0, snapshot.server_time)
    return Attempt(extension, change, events=its_events, all_can_be_notified=len(lasting) == len(extension.viewers))


def _lasting(snapshot: Snapshot, viewer: str) -> dict[str, Any] | None:
    """The viewer's permission while it lasts; None where there is none left."""
    try:
        permission = snapshot.permission(viewer)
    except UnreadablePermission:
        return None
    if permission is None or None in permission.values() or permission["exp"] <= snapshot.server_time:
        return None
    return permission
