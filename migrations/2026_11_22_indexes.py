"""The indexes that every query of the program uses."""

from collections.abc import Callable
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure

SAME_UNDER_ANOTHER_NAME = 85  # MongoDB's IndexOptionsConflict

# Only what is still to be done stands in these two indexes, so they stay small. (With
# `$type: "date"` here MongoDB would not use them for a query by `$lte`.)
_TO_DO = {"$exists": True}

INDEXES = {
    "extension": [
        IndexModel(
            [("streamer_id", ASCENDING), ("goal_id", ASCENDING), ("requested_at", DESCENDING), ("_id", DESCENDING)],
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
    ],
    # One field alone, or with `_id`: MongoDB refuses a document with arrays in two fields of one
    # index, and this collection belongs to other programs.
    "goal": [
        IndexModel([("context.session_id", ASCENDING)], name="goals_of_a_session"),
        IndexModel(
            [("metadata.user.id", ASCENDING), ("_id", DESCENDING)],
            name="running_goals_of_a_streamer",
            partialFilterExpression={"active": True},
        ),
    ],
    "revoked_token": [IndexModel([("exp", ASCENDING)], name="forget_expired", expireAfterSeconds=0)],
}


def up(database: Database[dict[str, Any]], report: Callable[[str], None]) -> None:
    """Build what is missing."""
    for collection, indexes in INDEXES.items():
        for index in indexes:
            try:
                database[collection].create_indexes([index])
            except OperationFailure as error:
                if error.code != SAME_UNDER_ANOTHER_NAME:
                    raise
            report(f"{collection} has {index.document['name']}")
