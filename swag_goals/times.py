"""Times as the wire and MongoDB's expressions have them."""

from datetime import UTC, datetime, timedelta


def iso(time: datetime) -> str:
    """ISO 8601 in UTC, as `2026-01-31T12:00:00.000Z`; `time` is aware."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(time: timedelta) -> int:
    """What MongoDB adds to a date."""
    return time // timedelta(milliseconds=1)
