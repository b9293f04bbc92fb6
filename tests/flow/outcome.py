"""What became of an extension, from MongoDB itself."""

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from tests.eventually import eventually
from tests.factories import OneToOne

Row = dict[str, Any]


def settled(database: Database[Row], extension_id: str) -> Row:
    """The ledger's record once the seconds are given and the viewers notified; waits for it."""
    query = {"_id": ObjectId(extension_id), "status": "done"}
    return eventually(lambda: database["extension"].find_one(query), within=60) or {}


def recorded(database: Database[Row], one: OneToOne) -> list[Row]:
    """All extensions of the goal."""
    return list(database["extension"].find({"goal_id": ObjectId(one.goal_id)}))


def permissions(database: Database[Row], one: OneToOne) -> Row:
    """The permissions of its viewers as they stand in the session."""
    session = database["session"].find_one({"_id": ObjectId(one.session_id)})
    assert session
    return {viewer: session["viewers"][viewer] for viewer in one.viewers}


def durations(database: Database[Row], one: OneToOne) -> list[int]:
    """The seconds of its viewers in the session."""
    return [permission["duration"] for permission in permissions(database, one).values()]
