"""What an audit can find: what is broken, and apart from it what others changed. Decision 12 says why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from swag_goals.documents.extension import DURATION
from swag_goals.documents.permission import Permission
from swag_goals.documents.record_shape import Row

# Who asks for their money asks within this time; what is removed sooner cannot be shown to them.
KEPT = timedelta(days=30)

BROKEN = {
    "given_twice": "The seconds of an extension were given once more, or those of one whose record is gone.",
    "not_in_session": "The ledger says that an extension is applied, and the session does not have its seconds.",
    "unrecorded": "The session holds a change of which the ledger has no record.",
    "lost": "A viewer has less time than the changes came to, and no record says why.",
    "session_removed": "The session is gone, though its time was not over a month ago.",
    "session_replaced": "The session was made again, or written back whole from an old copy.",
    "wrong_sum": "A record's permission is not what was there before it with its seconds.",
    "void_too_much": "A void took more than was left, or something else than its extension says.",
    "pending": "An extension has been pending for more than an hour.",
    "unreadable": "A record of the ledger is not as this program writes it.",
}
OTHERS = {
    "changed": "Another program changed a permission between two changes of this one: a purchase, as a rule.",
    "removed": "A session or a permission is gone, long after its time was over.",
}


@dataclass
class Discrepancy:
    """What does not fit: `seconds` more or less in `duration`, `exp_seconds` later or earlier in `exp`, as of `at`."""

    kind: str
    session_id: ObjectId
    extension_id: ObjectId | None = None
    viewer_id: str | None = None
    seconds: float | None = None
    exp_seconds: float | None = None
    at: datetime | None = None


def kind_of(row: Row, was: Permission | None, seen: Permission | None, at: datetime) -> str:
    """What it is called that a viewer had one thing after a record's change, and at `at` another."""
    if was is None or was.exp is None:
        return "changed"
    if seen is None or seen.exp is None:
        return "lost" if was.exp > at - KEPT else "removed"
    if seen.exp < was.exp or (seen.duration < was.duration and seen.nbf == was.nbf):
        is_its = was.duration - seen.duration == row["duration"] and not row.get("void_of")
        return "not_in_session" if is_its else "lost"
    given = any(was.could_become(seen, seconds, at) for seconds in (row["duration"], DURATION))
    return "given_twice" if given else "changed"
