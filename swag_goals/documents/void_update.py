"""What a void does to one viewer's permission: the whole seconds that are left of its extension are taken back.

By MongoDB's clock, and at most as many as the extension gave: what was used stays paid.
"""

from typing import Any

from swag_goals.documents.session_values import Expression, permission


def entry(viewer: str, seconds: int) -> Expression:
    """The viewer's entry afterwards, with whatever else is in it; missing where it is missing."""
    return {"$cond": [_is_left(viewer), {"$mergeObjects": [viewer, _less(viewer, seconds)]}, viewer]}


def after(viewer: str, seconds: int) -> Expression:
    """The viewer's three values afterwards; null without an entry."""
    less = {"$mergeObjects": [permission(viewer), _less(viewer, seconds)]}
    return {"$cond": [_is_left(viewer), less, permission(viewer)]}


def _is_left(viewer: str) -> Expression:
    """Whether there is a second to be taken; nothing and null are less than any date."""
    return {"$gte": [f"{viewer}.exp", {"$add": ["$$NOW", 1000]}]}


def _less(viewer: str, seconds: int) -> dict[str, Any]:
    left = {"$floor": {"$divide": [{"$subtract": [f"{viewer}.exp", "$$NOW"]}, 1000]}}
    taken = {"$toInt": {"$min": [left, seconds]}}
    return {
        "duration": {"$max": [{"$subtract": [f"{viewer}.duration", taken]}, 0]},
        "exp": {"$subtract": [f"{viewer}.exp", {"$multiply": [taken, 1000]}]},
    }
