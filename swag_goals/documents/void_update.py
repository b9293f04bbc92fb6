"""What a void does to one viewer's permission: the whole seconds that are left of its extension are taken back.

By MongoDB's clock, and at most as many as the extension gave: what was used stays paid.
"""

from typing import Any

from swag_goals.documents.session_values import Expression


def after(viewer: str, seconds: int, values: Expression) -> Expression:
    """These values of the viewer's afterwards, with whatever else is among them; as they are where nothing is left."""
    is_left = {"$gte": [f"{viewer}.exp", {"$add": ["$$NOW", 1000]}]}  # nothing and null are less than any date
    return {"$cond": [is_left, {"$mergeObjects": [values, _less(viewer, seconds)]}, values]}


def _less(viewer: str, seconds: int) -> dict[str, Any]:
    left = {"$floor": {"$divide": [{"$subtract": [f"{viewer}.exp", "$$NOW"]}, 1000]}}
    taken = {"$toInt": {"$min": [left, seconds]}}
    return {
        "duration": {"$max": [{"$subtract": [f"{viewer}.duration", taken]}, 0]},
        "exp": {"$subtract": [f"{viewer}.exp", {"$multiply": [taken, 1000]}]},
    }
