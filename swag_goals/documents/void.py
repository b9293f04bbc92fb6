"""Voids: a void takes back what is left of one extension. It is a record of the ledger, driven as extensions are."""

import hashlib
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from swag_goals.documents.compact_record import compact_by_viewer, compact_viewers
from swag_goals.documents.extension import Extension, operation
from swag_goals.documents.permission import Permission, difference
from swag_goals.documents.session import Change


def id_of_void(extension_id: ObjectId) -> ObjectId:
    """The one id that a void of this extension has."""
    return ObjectId(hashlib.sha256(f"void:{extension_id}".encode()).digest()[:12])


def record_void(extension: Extension, *, by: str, why: str) -> Extension:
    """Write the extension's void down on a majority; where it is there already, the first one comes back.

    :raises pymongo.errors.PyMongoError: unknown whether it stands; the same call settles it.
    """
    same = {name: {"$literal": extension[name]} for name in ("duration", "notify_sd_viewers")}
    ids = {name: extension[name] for name in ("streamer_id", "goal_id", "session_id")}
    key = {"$literal": f"void:{extension.id}"}
    its = {"key": key, "request_id": key, "operations": [operation(by=by, why=why, what="void")]}
    of = {"viewers": compact_viewers(extension.viewers), "void_of": extension.id}
    return Extension.write_down(id_of_void(extension.id), {**ids, **same, **its, **of})


def taken_back(void: Extension, change: Change | None) -> UpdateOne:
    """The write that tells the extension what its void took, once; not how much, where nobody knows any more."""
    known = {"$ifNull": ["$voided_at", False]}
    by_whom = {"$concatArrays": [{"$ifNull": ["$operations", []]}, {"$literal": void.operations}]}
    fields: dict[str, Any] = {
        "voided_at": {"$cond": [known, "$voided_at", change.at if change else "$$NOW"]},
        "operations": {"$cond": [known, "$operations", by_whom]},
        "taken_back": {"$literal": change and compact_by_viewer(_taken(change))},
    }
    return UpdateOne({"_id": void.void_of, "taken_back": None}, [{"$set": fields}])


def _taken(change: Change) -> dict[str, int]:
    """By viewer, in whole seconds."""
    were = {viewer: Permission.of(before) for viewer, before in change.before.items()}
    return {viewer: round(difference(Permission.of(change.after[viewer]), was)[1]) for viewer, was in were.items()}
