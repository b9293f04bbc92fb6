"""Rename `drives` of an extension to `retries`, its word everywhere else by now."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from pymongo.database import Database

PIECE = 1_000


def up(database: Database[dict[str, Any]], report: Callable[[str], None]) -> None:
    """Rename it in pieces; what has no `drives` any more is passed over."""
    extensions, old = database["extension"], {"drives": {"$exists": True}}
    # A sweeper of the new code may have begun to count anew.
    rename: list[dict[str, Any]] = [
        {"$set": {"retries": {"$add": ["$drives", {"$ifNull": ["$retries", 0]}]}}},
        {"$unset": "drives"},
    ]
    cursor, renamed = extensions.find(old, {"_id": 1}), 0
    while piece := [row["_id"] for row in islice(cursor, PIECE)]:
        renamed += extensions.update_many({"_id": {"$in": piece}, **old}, rename).modified_count
        report(f"{renamed} extensions have retries")
