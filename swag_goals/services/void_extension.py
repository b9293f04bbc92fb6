"""The service behind `flask extension void`: take back what is left of an extension that was given in error."""

from swag_goals.documents.extension import PENDING, REJECTED, Extension
from swag_goals.documents.void import record_void
from swag_goals.queue.extensions import Enqueuer


class NotVoidable(Exception):
    """There is nothing to take back; the message says why."""


def void_extension(extension: Extension, *, by: str, why: str, enqueuer: Enqueuer) -> Extension:
    """Record the extension's void, once, and enqueue its job; the void, or the first one.

    :raises NotVoidable: it is not given, or a void itself.
    :raises pymongo.errors.PyMongoError: unknown; the same call again settles it.
    """
    if extension.void_of:
        raise NotVoidable(f"It is the void of extension {extension.void_of}.")
    if extension.status == PENDING:
        raise NotVoidable("It is pending: nothing of it is given yet.")
    if extension.status == REJECTED:
        raise NotVoidable("It is rejected: nothing of it was given.")
    void = record_void(extension, by=by, why=why)
    if not void.replayed:
        enqueuer.enqueue(void)
    return void
