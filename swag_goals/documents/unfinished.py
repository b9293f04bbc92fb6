"""What is still to be done, as operators and their tools look at it. All by one small index."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING

from swag_goals.documents.extension import APPLIED, PENDING, REJECTED, Extension
from swag_goals.times import milliseconds

# Of a larger crowd only so many are looked at, those most overdue first.
MAX_COUNTED = 100_000
# An extension that goes the straight way is settled long before.
SETTLED_WITHIN = timedelta(seconds=5)

# By its keys, since another program may have built it under another name.
INDEX = [("due", 1), ("status", 1), ("requested_at", 1)]
# Another hand may have left anything else.
_DATED = {"$eq": [{"$type": "$requested_at"}, "date"]}
# Not settled so long after it was requested; a rejected one, so long after it was to be looked at once more.
_SINCE = {"$cond": [{"$eq": ["$status", REJECTED]}, "$due", "$requested_at"]}
_IS_OVERDUE = {"$lt": [_SINCE, {"$subtract": ["$$NOW", milliseconds(SETTLED_WITHIN)]}]}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Unfinished:
    """Of the extensions of one status: how many, how many of them are overdue, the oldest's age in seconds."""

    count: int = 0
    overdue: int = 0
    oldest: float = 0.0


def unfinished() -> dict[str, Unfinished]:
    """By status, what is still to be done."""
    groups = Extension._get_collection().aggregate(
        [
            {"$match": {"due": {"$gt": _EPOCH}}},
            {"$sort": {"due": 1}},
            {"$limit": MAX_COUNTED},
            {
                "$group": {
                    "_id": "$status",
                    "count": {"$sum": 1},
                    "overdue": {"$sum": {"$cond": [_IS_OVERDUE, 1, 0]}},
                    "oldest": {"$max": {"$cond": [_DATED, {"$subtract": ["$$NOW", "$requested_at"]}, 0]}},
                }
            },
        ]
    )
    found = {g["_id"]: Unfinished(g["count"], g["overdue"], max(g["oldest"], 0) / 1000) for g in groups}
    return {status: found.get(status, Unfinished()) for status in (PENDING, APPLIED, REJECTED)}


def overdue(limit: int) -> list[Extension]:
    """At most `limit` of those that are overdue, the oldest first."""
    query = {"due": {"$gt": _EPOCH}, "$expr": _IS_OVERDUE}
    found = Extension._get_collection().find(query).hint(INDEX).sort("requested_at", ASCENDING).limit(limit)
    return Extension.load_all(found)
