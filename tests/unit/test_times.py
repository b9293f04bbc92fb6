"""Times on the wire are in UTC, in milliseconds, and end in Z; MongoDB adds whole milliseconds."""

from datetime import UTC, datetime, timedelta, timezone

from swag_goals.times import iso, milliseconds


def test_a_time_has_three_decimals_and_a_z() -> None:
    assert iso(datetime(2026, 1, 31, 12, tzinfo=UTC)) == "2026-01-31T12:00:00.000Z"
    assert iso(datetime(2026, 1, 31, 12, 0, 0, 987_000, tzinfo=UTC)) == "2026-01-31T12:00:00.987Z"


def test_another_zone_is_brought_to_utc() -> None:
    taipei = timezone(timedelta(hours=8))

    assert iso(datetime(2026, 1, 31, 4, tzinfo=taipei)) == "2026-01-30T20:00:00.000Z"


def test_the_first_and_the_last_time_that_python_holds_can_be_written() -> None:
    assert iso(datetime.min.replace(tzinfo=UTC)) == "0001-01-01T00:00:00.000Z"
    assert iso(datetime.max.replace(tzinfo=UTC)) == "9999-12-31T23:59:59.999Z"


def test_mongodb_adds_milliseconds() -> None:
    assert milliseconds(timedelta(seconds=2.5)) == 2500
    assert milliseconds(timedelta(days=30)) == 2_592_000_000
