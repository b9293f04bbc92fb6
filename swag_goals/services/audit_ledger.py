"""Audit the ledger against the sessions, read only, beside everything else that runs."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from bson import ObjectId

from swag_goals.documents import ledger_stream
from swag_goals.documents.ledger import server_time
from swag_goals.documents.session import Session
from swag_goals.services.reconcile_session import Reconciliation, get

MAX_SESSIONS = 1_000  # that are looked for at a time


def audit_ledger(*, since: datetime | None = None, session_id: ObjectId | None = None) -> Iterator[Reconciliation]:
    """Reconcile every session; or this one, or those of which an extension was requested since then.

    :raises pymongo.errors.PyMongoError: MongoDB is away for longer than a failover takes.
    """
    for some in _batches(since, session_id):
        yield from ledger_stream.resumed(partial(_reconciled, some))


def _batches(since: datetime | None, session_id: ObjectId | None) -> Iterator[list[ObjectId] | None]:
    if session_id:
        yield [session_id]
    elif since is None:
        yield None
    else:
        sessions = ledger_stream.sessions_since(since)
        while some := list(islice(sessions, MAX_SESSIONS)):
            yield some


def _reconciled(sessions: list[ObjectId] | None, after: ObjectId | None) -> Iterator[tuple[ObjectId, Reconciliation]]:
    now = server_time()
    for session_id, session, records in ledger_stream.by_session(sessions, after):
        found = Reconciliation(session_id, session, records, now)
        yield session_id, _again(found) if found.broken else found


def _again(found: Reconciliation) -> Reconciliation:
    """The session may have been extended between the two reads: now all records that led to it are read after it.

    What was applied since is passed over, unless the ledger had it before: then the session has lost it.
    """
    session = Session.certain(found.session_id)
    now = session["now"] if session else server_time()
    latest = max(found.revision, get(get(session, "swag_goals", dict), "revision", int))
    known = (each for each in ledger_stream.of_session(found.session_id) if get(each, "revision", int) <= latest)
    return Reconciliation(found.session_id, session, known, now)
