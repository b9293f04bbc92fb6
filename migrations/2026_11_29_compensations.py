"""The index of what operators gave to many goals at once, by its key."""

from collections.abc import Callable
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.database import Database

INDEXES = {
    "extension": [
        IndexModel(
            [("key", ASCENDING)],
            name="compensations",
            # All that begins with `compensate:`.
            partialFilterExpression={"key": {"$gte": "compensate:", "$lt": "compensate;"}},
        )
    ]
}


def up(database: Database[dict[str, Any]], report: Callable[[str], None]) -> None:
    """Build it."""
    database["extension"].create_indexes(INDEXES["extension"])
    report("extension has compensations")
