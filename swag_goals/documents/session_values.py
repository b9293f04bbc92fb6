"""What stands in a session, as expressions of MongoDB's read it, and exact types: others write there too."""

from typing import Any

Expression = Any


def permission(viewer: str) -> Expression:
    """The viewer's three values as they stand; null without an entry."""
    values = {name: f"{viewer}.{name}" for name in ("nbf", "duration", "exp")}
    return {"$cond": [is_of(viewer, "object"), values, None]}


def list_at(path: str) -> Expression:
    """The array, or an empty one."""
    return {"$cond": [{"$isArray": path}, path, []]}


def is_of(path: str, *types: str) -> Expression:
    """Exact, where a query's `$type` would look inside arrays."""
    return {"$in": [{"$type": path}, list(types)]}


def object_or_nothing(path: str) -> Expression:
    """An object that clients read as one; what has `$ref` and `$id` they take for a reference."""
    is_reference = {"$and": [{"$eq": [_type_of(path, "$ref"), "string"]}, {"$ne": [_type_of(path, "$id"), "missing"]}]}
    return {"$cond": [is_of(path, "object"), {"$not": is_reference}, is_of(path, "null", "missing")]}


def _type_of(path: str, field: str) -> Expression:
    """Of a field whose name no path can have."""
    return {"$type": {"$getField": {"field": {"$literal": field}, "input": path}}}


def readable_permission(viewer: str) -> Expression:
    """Whether the viewer has a permission that can be added to, or none."""
    return {
        "$and": [
            object_or_nothing(viewer),
            is_of(f"{viewer}.nbf", "date", "null", "missing"),
            is_of(f"{viewer}.exp", "date", "null", "missing"),
            _whole(f"{viewer}.duration"),
        ]
    }


def _whole(path: str) -> Expression:
    """A whole number or nothing; `$mod` leaves NaN of NaN and of infinity."""
    whole = {"$eq": [{"$mod": [path, 1]}, 0]}
    return {"$cond": [is_of(path, "double"), whole, is_of(path, "int", "long", "null", "missing")]}
