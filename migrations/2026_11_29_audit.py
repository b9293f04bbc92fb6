"""The index by which an audit reads the ledger: session after session, each in the order of its changes."""

from collections.abc import Callable
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.database import Database

INDEXES = {"extension": [IndexModel([("session_id", ASCENDING), ("revision", ASCENDING)], name="changes_of_a_session")]}


def up(database: Database[dict[str, Any]], report: Callable[[str], None]) -> None:
    """Build it."""
    database["extension"].create_indexes(INDEXES["extension"])
    report("extension has changes_of_a_session")
