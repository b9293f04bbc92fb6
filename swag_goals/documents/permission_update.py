"""The one atomic update that gives the seconds of an extension, or takes back those of a void, in named parts.

Every expression of one `$set` reads the document as it came in, so the order of the parts
does not matter, and `before` stands beside the sums that change it.

Under `session.swag_goals` this program keeps::

    revision: <int64>        grows with every change, also across a recreated session
    applied:  [<extension>]  the guard: extensions that must not be applied again
    changes:  [<change>]     the latest of them, until the ledger has what they say:
                             {extension, revision, at, nbf, before, after}
"""

import os
from collections import Counter
from datetime import timedelta
from typing import Any

from swag_goals.documents.extension import Extension
from swag_goals.documents.session_values import is_of, list_at, object_or_nothing, permission, readable_permission
from swag_goals.settings import read
from swag_goals.time_limits import LATE
from swag_goals.times import milliseconds, now_and

Expression = Any
MAX_EXP_AHEAD = timedelta(days=30)
MAX_REVISION = 2**62  # past 2^63 the sum would become a double
# A change holds every viewer twice: so many are kept as stay small beside the session.
MAX_CHANGED_PERMISSIONS = 32


def guard(*extensions: Extension) -> dict[str, Any]:
    """The query: once per extension, before its deadline, and only where every check holds."""
    return {
        "swag_goals.applied": {"$nin": [extension.id for extension in extensions]},
        "$expr": {"$and": [*map(before_deadline, extensions), *checks(*extensions).values()]},
    }


def before_deadline(extension: Extension) -> Expression:
    """No attempt outlives its deadline, so that the guard may forget an id some time after it."""
    return {"$lt": ["$$NOW", extension.deadline]}


def checks(*extensions: Extension) -> dict[str, Expression]:
    """What must hold of the session, for all of them to be given in turn: the reason's code to its expression."""
    seconds: Counter[str] = Counter()
    for extension in extensions:
        given = 0 if extension.void_of else extension.duration
        seconds.update(dict.fromkeys((f"$viewers.{viewer}" for viewer in extension.viewers), given))
    limited = [each for each in seconds.items() if each[1]]  # what is taken back is bounded by nothing
    most: int = read(os.environ, "MAX_DURATION")
    return {
        "swag_goals_unreadable": swag_goals_readable(),
        "viewers_unreadable": object_or_nothing("$viewers"),
        "permission_unreadable": {"$and": [readable_permission(viewer) for viewer in seconds]},
        "duration_too_long": {"$and": [_duration_fits(viewer, most - given) for viewer, given in limited]},
        "exp_too_far": {"$and": [_exp_fits(*each) for each in limited]},
    }


def swag_goals_readable() -> Expression:
    """Whether `swag_goals` is what this program keeps there, or nothing yet."""
    return {
        "$and": [
            object_or_nothing("$swag_goals"),
            is_of("$swag_goals.applied", "array", "missing"),
            is_of("$swag_goals.changes", "array", "missing"),
            is_of("$swag_goals.revision", "int", "long", "missing"),
            {"$lt": ["$swag_goals.revision", MAX_REVISION]},
        ]
    }


def applied(extension: Extension) -> Expression:
    """Whether the guard has the extension."""
    return {"$in": [extension.id, list_at("$swag_goals.applied")]}


def change(extension: Extension) -> Expression:
    """What the extension changed; missing where it is no longer kept."""
    its = {"$eq": ["$$this.extension", extension.id]}
    return {"$last": {"$filter": {"input": list_at("$swag_goals.changes"), "cond": its}}}


def viewers(ids: list[str]) -> Expression:
    """The entries of these viewers alone; `viewers` as it stands where it has no entries."""
    return {"$cond": [is_of("$viewers", "object"), {viewer: f"$viewers.{viewer}" for viewer in ids}, "$viewers"]}


def pipeline(*extensions: Extension) -> list[dict[str, Any]]:
    """The update itself, for `modify(__raw__=...)`: a stage for each extension, on what the one before left."""
    return [{"$set": _fields(extension)} for extension in extensions]


def changes_kept(extension: Extension) -> int:
    """How many changes the session keeps, and so how many extensions like this one update gives."""
    return max(1, MAX_CHANGED_PERMISSIONS // len(extension.viewers))


def _fields(extension: Extension) -> dict[str, Expression]:
    fields: dict[str, Expression] = {}
    for viewer in extension.viewers:
        if extension.void_of:
            path = f"$viewers.{viewer}"
            fields[f"viewers.{viewer}"] = _voided(path, extension.duration, path)
            continue
        for name, value in _sums(f"$viewers.{viewer}", extension).items():
            fields[f"viewers.{viewer}.{name}"] = value
    changes = _append("$swag_goals.changes", _change(extension))
    return fields | {
        "swag_goals.revision": _next_revision(),
        "swag_goals.applied": _append("$swag_goals.applied", extension.id),
        "swag_goals.changes": {"$slice": [changes, -changes_kept(extension)]},
    }


def _sums(viewer: str, extension: Extension) -> dict[str, Expression]:
    """Seconds from now on, or from when the permission ends if that is later."""
    nbf = _nbf(extension)
    return {
        "nbf": {"$ifNull": [f"{viewer}.nbf", nbf]},
        "duration": {"$add": [{"$max": [f"{viewer}.duration", 0]}, extension.duration]},
        "exp": {"$add": [{"$max": [nbf, f"{viewer}.exp"]}, extension.duration * 1000]},
    }


def _voided(viewer: str, seconds: int, values: Expression) -> Expression:
    """These values of the viewer's, with whatever else is among them, less the whole seconds left of what is voided.

    By MongoDB's clock, and at most as many as it gave: what was used stays paid. As they are where nothing is left.
    """
    is_left = {"$gte": [f"{viewer}.exp", {"$add": ["$$NOW", 1000]}]}  # nothing and null are less than any date
    left = {"$floor": {"$divide": [{"$subtract": [f"{viewer}.exp", "$$NOW"]}, 1000]}}
    taken = {"$toInt": {"$min": [left, seconds]}}
    less = {
        "duration": {"$max": [{"$subtract": [f"{viewer}.duration", taken]}, 0]},
        "exp": {"$subtract": [f"{viewer}.exp", {"$multiply": [taken, 1000]}]},
    }
    return {"$cond": [is_left, {"$mergeObjects": [values, less]}, values]}


def _nbf(extension: Extension) -> Expression:
    """The answered `nbf`; for a late attempt its own now, so that nobody pays for a backlog."""
    age = {"$subtract": ["$$NOW", extension.requested_at]}
    return {"$cond": [{"$lte": [age, milliseconds(LATE)]}, extension.nbf, "$$NOW"]}


def _change(extension: Extension) -> Expression:
    """What this update did, for a first run and a repeat to read alike."""
    viewers = {viewer: f"$viewers.{viewer}" for viewer in extension.viewers}

    def after(path: str) -> Expression:
        its = permission(path)
        return _voided(path, extension.duration, its) if extension.void_of else _sums(path, extension)

    return {
        "extension": extension.id,
        "revision": _next_revision(),
        "at": "$$NOW",
        "nbf": _nbf(extension),
        "before": {viewer: permission(path) for viewer, path in viewers.items()},
        "after": {viewer: after(path) for viewer, path in viewers.items()},
    }


def _next_revision() -> Expression:
    """Milliseconds at the least, so that a recreated session does not fall behind."""
    return {"$max": [{"$add": [{"$ifNull": ["$swag_goals.revision", 0]}, 1]}, {"$toLong": "$$NOW"}]}


def _append(path: str, item: Any) -> Expression:
    return {"$concatArrays": [list_at(path), [item]]}


def _duration_fits(viewer: str, most: int) -> Expression:
    """There is room below MAX_DURATION. What is no number is more than any, or as good as nothing."""
    return {"$lte": [{"$max": [f"{viewer}.duration", 0]}, most]}


def _exp_fits(viewer: str, seconds: int) -> Expression:
    """As above; `nbf` is never ahead of now."""
    furthest = MAX_EXP_AHEAD - timedelta(seconds=seconds)
    return {"$lte": [f"{viewer}.exp", now_and(furthest)]}
