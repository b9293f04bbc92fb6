"""What is read of the ledger beside the work on it: one extension, a goal's page, the newest, what came later."""

from typing import Any

from bson import ObjectId
from pymongo import DESCENDING

from swag_goals.documents.extension import Extension

# They stand in the ledger beside the extensions, and are none.
NO_VOIDS: dict[str, Any] = {"void_of": None}


def find(extension_id: ObjectId, **query: Any) -> Extension | None:
    """The extension with this id, if these fields are so.

    :raises swag_goals.documents.record_shape.UnreadableExtension: nobody can work on it.
    """
    row = Extension._get_collection().find_one({"_id": extension_id, **query})
    return None if row is None else Extension.load(row)


def page(streamer_id: str, goal_id: str, limit: int, after: Extension | None = None) -> tuple[list[Extension], bool]:
    """At most `limit` of the streamer's extensions of the goal, newest first, older than `after`.

    And whether there are more. It is empty only where nothing older can be read.
    """
    its = {"streamer_id": ObjectId(streamer_id), "goal_id": ObjectId(goal_id), **NO_VOIDS}
    order = [("requested_at", DESCENDING), ("_id", DESCENDING)]
    older = _older(after.requested_at, after.id) if after else {}
    while True:
        rows = list(Extension._get_collection().find(its | older).sort(order).limit(limit + 1))
        found, more = Extension.load_all(rows[:limit]), len(rows) > limit
        if found or not more:
            return found, more
        older = _older(rows[-2].get("requested_at"), rows[-2]["_id"])


def _older(requested_at: Any, extension_id: ObjectId) -> dict[str, Any]:
    earlier, same = {"requested_at": {"$lt": requested_at}}, {"requested_at": requested_at}
    return {"$or": [earlier, same | {"_id": {"$lt": extension_id}}]}


def newest(status: str | None, limit: int) -> list[Extension]:
    """At most `limit` extensions, of all or of one status, newest first."""
    query = NO_VOIDS if status is None else {"status": status, **NO_VOIDS}
    return Extension.load_all(Extension._get_collection().find(query).sort("requested_at", DESCENDING).limit(limit))


def compensated(key: str) -> list[dict[str, Any]]:
    """What operators gave by this key: `{goal_id, viewers, duration, status, reason}` each, of viewers their number."""
    given = {"key": key, "operations.what": "compensate"}
    number = {"$cond": [{"$isArray": "$viewers"}, {"$size": "$viewers"}, 0]}
    fields = {"goal_id": 1, "viewers": number, "duration": 1, "status": 1, "reason": "$reason.code"}
    return list(Extension._get_collection().aggregate([{"$match": given}, {"$project": fields}]))


def later(than: Extension) -> ObjectId | None:
    """The id of a later extension of the same goal: the streamer may have pressed again."""
    query = {"streamer_id": than.streamer_id, "goal_id": than.goal_id, **NO_VOIDS}
    query["requested_at"] = {"$gt": than.requested_at}
    row = Extension._get_collection().find_one(query, {"_id": 1})
    return row["_id"] if row else None


def size() -> tuple[int, int]:
    """How many records the ledger has, and their bytes in BSON; on shards those of all."""
    shards = Extension._get_collection().aggregate([{"$collStats": {"storageStats": {}}}])
    stats = [each["storageStats"] for each in shards]
    return sum(each["count"] for each in stats), sum(each["size"] for each in stats)
