"""Times on the wire: ISO 8601 in UTC, with milliseconds and `Z`."""

from datetime import UTC, datetime


def iso(time: datetime) -> str:
    """As `2026-01-31T12:00:00.000Z`; `time` is aware."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
