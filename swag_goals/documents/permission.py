"""A viewer's permission as values to compare and to add up, and what a change should make of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import NoneType
from typing import Any, NamedTuple

# Not `datetime | None`, which would be made anew for each of a ledger's millions.
_TIME, _INTEGER = (datetime, NoneType), (int, NoneType)


class Permission(NamedTuple):
    """`duration` in seconds; missing, null and 0 are one."""

    nbf: datetime | None
    duration: float
    exp: datetime | None

    @classmethod
    def of(cls, value: Any) -> "Permission | None":
        """What a session or a record holds; None also where that is no permission."""
        nbf, duration, exp = map(value.get, cls._fields) if isinstance(value, dict) else ("", None, None)
        if not isinstance(nbf, _TIME) or not isinstance(exp, _TIME) or isinstance(duration, bool):
            return None
        is_whole = isinstance(duration, _INTEGER) or (isinstance(duration, float) and duration.is_integer())
        return cls(nbf, duration or 0, exp) if is_whole else None

    def extended(self, seconds: float, nbf: datetime) -> "Permission":
        """By the arithmetic of the one atomic update."""
        ends = max(nbf, self.exp or nbf) + timedelta(seconds=seconds)
        return Permission(self.nbf or nbf, max(self.duration, 0) + seconds, ends)

    def could_become(self, other: "Permission", seconds: float, until: datetime) -> bool:
        """Whether an extension of so many seconds, at some time before `until`, makes the one of the other."""
        if other.exp is None or other.duration - max(self.duration, 0) != seconds:
            return False
        nbf = other.exp - timedelta(seconds=seconds)
        return nbf <= max(self.exp or until, until) and self.extended(seconds, nbf) == other


NOTHING = Permission(None, 0, None)


def difference(was: Permission | None, seen: Permission | None) -> tuple[float, float]:
    """In seconds, of `duration` and of `exp`; of this 0 where either has none."""
    was, seen = was or NOTHING, seen or NOTHING
    exp_seconds = (seen.exp - was.exp).total_seconds() if seen.exp and was.exp else 0
    return seen.duration - was.duration, exp_seconds


def changed_by(record: Mapping[str, Any], before: Permission | None) -> Permission | None:
    """What the extension or void of a record that is applied should make of it."""
    if not record.get("void_of"):
        return (before or NOTHING).extended(record["duration"], record["applied_nbf"])
    if before is None or before.exp is None:
        return before
    left = (before.exp - record["applied_at"]) // timedelta(seconds=1)
    taken = max(0, min(record["duration"], left))
    return Permission(before.nbf, max(before.duration - taken, 0), before.exp - timedelta(seconds=taken))
