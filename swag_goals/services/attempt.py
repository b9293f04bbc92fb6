"""One attempt at one extension: its seconds in the session, and what its viewers are to be notified of."""

import logging
import time
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from swag_goals.documents import ledger
from swag_goals.documents.extension import PENDING, REJECTED, Extension
from swag_goals.documents.session import AlreadyApplied, Change, DeadlineExceeded, NotApplicable, Session, UpdateRefused
from swag_goals.documents.settlement import Outcome
from swag_goals.documents.snapshot import Snapshot, UnreadablePermission
from swag_goals.events.stream_authorized import Event, events
from swag_goals.time_limits import ATTEMPT_OVER

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt(Outcome):
    """What came of it, with the events still to be sent. Without `refused` the seconds are given, now or before.

    `change` is what the session said of it; None where the ledger has it, or nobody any more.
    `events` are those of viewers that can be notified; `all_can_be_notified` is False where some cannot.
    """

    events: list[Event] = field(default_factory=list)
    all_can_be_notified: bool = True
    made_at: float = field(default_factory=time.monotonic)

    def outcome(self, accepted: Container[Event]) -> Outcome:
        """What the ledger is to keep of it, when Pusher has accepted these events, its own and others'."""
        sent = all(event in accepted for event in self.events)
        return replace(
            self,
            notified=sent and self.all_can_be_notified,
            gave_up=sent and not self.all_can_be_notified,
            at=self.at and self.at + timedelta(seconds=time.monotonic() - self.made_at),
        )


def attempt(extension: Extension) -> Attempt | None:
    """Bring a started extension as far as the session lets it; None leaves it to the sweeper.

    :raises pymongo.errors.PyMongoError: unknown; the next attempt finds out.
    """
    if extension.status == REJECTED:
        return _last_look(extension)
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
    return _applied(extension, change)


def attempt_in_turn(extensions: Sequence[Extension]) -> list[Attempt] | None:
    """The same for pending extensions of one session, in one update; None where each is to be tried by itself.

    :raises pymongo.errors.PyMongoError: unknown; the next attempts find out.
    """
    with suppress(UpdateRefused):
        if changes := Session.grant_all(*extensions):
            return list(map(_applied, extensions, changes))
    return None


def notify_again(extensions: Sequence[Extension]) -> list[Attempt]:
    """What stands now for the viewers of extensions of one session: one event for each whose permission lasts.

    Where a viewer waits for several extensions, the event is the first one's, and serves for all: it is absolute.
    """
    viewers = list(dict.fromkeys(viewer for extension in extensions for viewer in extension.viewers))
    snapshot = Session.snapshot(extensions[0].session_id, viewers)
    if snapshot is None:
        return [Attempt(each, all_can_be_notified=not each.notify_sd_viewers) for each in extensions]
    # A void may have ended the permission: its viewers are notified as long as their pages take it to last.
    voids = [each.duration for each in extensions if each.void_of or each.voided_at]
    believed = timedelta(seconds=max(voids, default=0))
    lasting = {viewer: found for viewer in viewers if (found := _lasting(snapshot, viewer, believed))}
    known: dict[str, Event] = {}
    attempts = []
    for extension in extensions:
        its: list[str] = extension.viewers if extension.notify_sd_viewers else []
        permissions = {viewer: lasting[viewer] for viewer in its if viewer in lasting}
        made = events(extension, permissions, snapshot.revision or 0, snapshot.server_time)
        its_events = [known.setdefault(each.channel, each) for each in made]
        everybody = len(its_events) == len(its)
        attempts.append(Attempt(extension, events=its_events, all_can_be_notified=everybody, at=snapshot.server_time))
    return attempts


def _applied(extension: Extension, change: Change) -> Attempt:
    its_events = events(extension, change.after, change.revision, change.at) if extension.notify_sd_viewers else []
    return Attempt(extension, change, events=its_events, at=change.at)


def _last_look(extension: Extension) -> Attempt | None:
    """A rejection is final once no attempt is left that could have applied it after all."""
    if extension.due is None or extension.read_at < extension.deadline + ATTEMPT_OVER:
        return None
    verdict = Session.refusal(extension)
    if isinstance(verdict, AlreadyApplied):
        return _notify_again(extension, verdict.change)
    ledger.close_rejected(extension)
    return None


def _notify_again(extension: Extension, change: Change | None) -> Attempt:
    (again,) = notify_again([extension])
    return replace(again, change=change)


def _lasting(snapshot: Snapshot, viewer: str, believed: timedelta) -> dict[str, Any] | None:
    """The viewer's permission while it lasts, or is believed to; None where there is none left."""
    try:
        permission = snapshot.permission(viewer)
    except UnreadablePermission:
        return None
    if permission is None or None in permission.values() or permission["exp"] + believed <= snapshot.server_time:
        return None
    return permission
