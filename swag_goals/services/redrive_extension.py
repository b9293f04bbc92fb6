"""The service behind `flask extension redrive`: an operator has mended what was wrong."""

from swag_goals.documents import ledger, ledger_queries
from swag_goals.documents.extension import DONE, Extension
from swag_goals.queue.extensions import Enqueuer


class NotRedrivable(Exception):
    """Re-driving it would not be right; the message says why."""


def redrive_extension(extension: Extension, *, by: str, why: str, force: bool, enqueuer: Enqueuer) -> None:
    """Re-drive an extension that is rejected, pending or not notified. It keeps its id and its guard.

    :raises NotRedrivable: it is done, or the streamer may have pressed again already.
    """
    if extension.status == DONE:
        raise NotRedrivable("It is done: the seconds are given and the viewers notified.")
    if not force and not extension.void_of and (later := ledger_queries.later(extension)):
        raise NotRedrivable(
            f"The goal has a later extension, {later}: the streamer may have pressed again. See --force."
        )
    reopened = ledger.reopen(extension.id, by=by, why=why)
    if reopened is None:
        raise NotRedrivable("It is done by now.")
    enqueuer.enqueue(reopened)
