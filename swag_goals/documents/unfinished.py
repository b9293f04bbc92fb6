"""What is still to be done, as operators and their tools look at it. All by one small index."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from swag_goals.documents.extension import APPLIED, PENDING, REJECTED, Extension
from swag_goals.times import milliseconds

# Of a larger crowd only so many are looked at, those most overdue first.
MAX_COUNTED = 100_000
# A sweeper comes for what is due within half a second.
UNSWEPT = timedelta(seconds=5)
# An extension that is older, and not settled, did not go the straight way.
STRAIGHT = timedelta(seconds=4)

# By its keys, since another program may have built it under another name.
INDEX = [("due", 1), ("status", 1), ("requested_at", 1)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Unfinished:
    """Of the extensions of one status: how many, how many of them no sweeper came for, the oldest's age in seconds."""

    count: int = 0
    overdue: int = 0
    oldest: float = 0.0


def unfinished() -> dict[str, Unfinished]:
    """By status, what is still to be done."""
    late = {"$lt": ["$due", {"$subtract": ["$$NOW", milliseconds(UNSWEPT)]}]}
    groups = Extension._get_collection().aggregate(
        [
            {"$match": {"due": {"$gt": _EPOCH}}},
            {"$sort": {"due": 1}},
            {"$limit": MAX_COUNTED},
            {
                "$group": {
                    "_id": "$status",
                    "count": {"$sum": 1},
                    "overdue": {"$sum": {"$cond": [late, 1, 0]}},
                    "oldest": {"$max": {"$subtract": ["$$NOW", "$requested_at"]}},
                }
            },
        ]
    )
    found = {g["_id"]: Unfinished(g["count"], g["overdue"], max(g["oldest"], 0) / 1000) for g in groups}
    return {status: found.get(status, Unfinished()) for status in (PENDING, APPLIED, REJECTED)}


def unsettled(now: datetime, limit: int) -> list[Extension]:
    """Extensions that should be settled by `now` and are not, the oldest first."""
    asked_long_ago = {"status": {"$in": [PENDING, APPLIED]}, "requested_at": {"$lt": now - STRAIGHT}}
    query = {"due": {"$gt": _EPOCH}, "$or": [asked_long_ago, {"due": {"$lt": now - UNSWEPT}}]}
    return list(Extension.objects(__raw__=query).hint(INDEX).order_by("requested_at").limit(limit))
