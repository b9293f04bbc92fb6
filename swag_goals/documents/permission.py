"""A viewer's permission as values to compare and to add up, and what an update should make of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple


class Permission(NamedTuple):
    """`duration` in seconds; missing, null and 0 are one."""

    nbf: datetime | None
    duration: float
    exp: datetime | None

    @classmethod
    def of(cls, value: Any) -> "Permission | None":
        """What the session or a record holds; None also where that is no permission."""
        if not isinstance(value, dict):
            return None
        nbf, duration, exp = value.get("nbf"), value.get("duration"), value.get("exp")
        if isinstance(nbf, datetime | None) and isinstance(exp, datetime | None):
            return cls(nbf, duration or 0, exp) if isinstance(duration, int | float | None) else None
        return None


NOTHING = Permission(None, 0, None)


def difference(was: Permission | None, seen: Permission | None) -> tuple[float, float]:
    """In seconds, of `duration` and of `exp`; of this 0 where either has none."""
    was, seen = was or NOTHING, seen or NOTHING
    exp_seconds = (seen.exp - was.exp).total_seconds() if seen.exp and was.exp else 0
    return seen.duration - was.duration, exp_seconds


def extended(before: Permission | None, seconds: int, nbf: datetime) -> Permission:
    """What an extension makes of it, by the arithmetic of the one atomic update."""
    began, duration, exp = before or NOTHING
    ends = max(nbf, exp or nbf) + timedelta(seconds=seconds)
    return Permission(began or nbf, max(duration, 0) + seconds, ends)


def taken_from(before: Permission | None, seconds: int, at: datetime) -> Permission | None:
    """What a void of so many seconds leaves of it: it takes whole seconds that are not used yet."""
    if before is None or before.exp is None:
        return before
    taken = max(0, min(seconds, (before.exp - at) // timedelta(seconds=1)))
    return Permission(before.nbf, max(before.duration - taken, 0), before.exp - timedelta(seconds=taken))


def changed_by(record: Mapping[str, Any], before: Permission | None) -> Permission | None:
    """What the extension or void of a record that is applied makes of it."""
    if record.get("void_of"):
        return taken_from(before, record["duration"], record["applied_at"])
    return extended(before, record["duration"], record["applied_nbf"])


def is_extended(was: Permission, seen: Permission, seconds: float, until: datetime) -> bool:
    """Whether an extension of so many seconds could have made the one of the other, before `until`."""
    if was.exp is None or seen.exp is None or seen.duration - was.duration != seconds or seen.nbf != was.nbf:
        return False
    added = timedelta(seconds=seconds)
    return was.exp + added <= seen.exp <= max(was.exp, until) + added
