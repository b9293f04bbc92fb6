"""Times as the wire and MongoDB's expressions have them."""

from datetime import UTC, datetime, timedelta
from typing import Any


def iso(time: datetime) -> str:
    """ISO 8601 in UTC, as `2026-01-31T12:00:00.000Z`; a `time` without a zone is in UTC."""
    utc = time if time.tzinfo is None else time.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat("T", "milliseconds") + "Z"


def from_iso(text: str) -> datetime:
    """The time that ISO 8601 says, aware; one without a zone is in UTC.

    :raises ValueError: it says none.
    """
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def milliseconds(time: timedelta) -> int:
    """What MongoDB adds to a date."""
    return time // timedelta(milliseconds=1)


def now_and(time: timedelta) -> dict[str, Any]:
    """MongoDB's now and so much more, as an expression."""
    return {"$add": ["$$NOW", milliseconds(time)]}
