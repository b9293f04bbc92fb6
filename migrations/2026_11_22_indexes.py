"""The indexes that every query of the program uses."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database

# Only what is still to be done stands in these two indexes, so they stay small. (With
# `$type: "date"` here MongoDB would not use them for a query by `$lte`.)
_TO_DO = {"$exists": True}


def up(database: Database[dict[str, Any]]) -> None:
    """Build what is missing; safe to run again."""
    database["extension"].create_indexes(
        [
            IndexModel(
                [
                    ("streamer_id", ASCENDING),
                    ("goal_id", ASCENDING),
                    ("requested_at", DESCENDING),
                    ("_id", DESCENDING),
                ],
                name="ledger_of_a_goal",
            ),
            # The status and the time cover what is asked of the unfinished as a whole.
            IndexModel(
                [("due", ASCENDING), ("status", ASCENDING), ("requested_at", ASCENDING)],
                name="unfinished",
                partialFilterExpression={"due": _TO_DO},
            ),
            IndexModel([("release_at", ASCENDING)], name="releasable", partialFilterExpression={"release_at": _TO_DO}),
            IndexModel([("requested_at", DESCENDING)], name="newest"),
            IndexModel([("status", ASCENDING), ("requested_at", DESCENDING)], name="newest_by_status"),
        ]
    )
    database["goal"].create_indexes(
        [IndexModel([("context.session_id", ASCENDING), ("metadata.user.id", ASCENDING)], name="goals_of_a_session")]
    )
    database["revoked_token"].create_indexes(
        [IndexModel([("exp", ASCENDING)], name="forget_expired", expireAfterSeconds=0)]
    )
