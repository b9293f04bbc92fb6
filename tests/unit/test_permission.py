"""What an extension makes of a permission, as an audit adds it up again."""

from datetime import UTC, datetime, timedelta

import pytest

from swag_goals.documents.permission import NOTHING, Permission, changed_by, difference

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
NBF = NOW - timedelta(hours=1)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


LASTS, ENDED = Permission(NBF, 300, at(100)), Permission(NBF, 300, at(-100))


@pytest.mark.parametrize(
    ("was", "seen"),
    [
        (LASTS, Permission(NBF, 360, at(160))),
        (ENDED, Permission(NBF, 360, at(60))),
        (ENDED, Permission(NBF, 360, at(-40))),
        (Permission(NBF, -100, at(100)), Permission(NBF, 60, at(160))),
        (Permission(NBF, 0, None), Permission(NBF, 60, at(60))),
        (NOTHING, Permission(at(-5), 60, at(55))),
    ],
)
def test_it_could_become_what_an_extension_makes_of_it_until_now(was: Permission, seen: Permission) -> None:
    assert was.could_become(seen, 60, NOW)


@pytest.mark.parametrize(
    ("was", "seen", "seconds"),
    [
        (LASTS, LASTS, 60),
        (LASTS, Permission(NBF, 360, at(160)), 61),
        (LASTS, Permission(NBF, 360, at(159)), 60),
        (LASTS, Permission(NBF, 360, at(161)), 60),
        (LASTS, Permission(NOW, 360, at(160)), 60),
        (LASTS, Permission(NBF, 420, at(160)), 60),
        (LASTS, Permission(NBF, 360, None), 60),
        (LASTS, Permission(NBF, 360, at(160)), 2**60),
        (ENDED, Permission(NBF, 360, at(61)), 60),
        (ENDED, Permission(NBF, 360, at(-101)), 60),
        (NOTHING, Permission(at(-5), 60, at(56)), 60),
    ],
)
def test_it_could_not_become_anything_else(was: Permission, seen: Permission, seconds: float) -> None:
    assert not was.could_become(seen, seconds, NOW)


@pytest.mark.parametrize(
    ("was", "left"),
    [
        (None, None),
        (NOTHING, NOTHING),
        (Permission(NBF, 300, None), Permission(NBF, 300, None)),
        (ENDED, ENDED),
        (Permission(NBF, 300, at(30.9)), Permission(NBF, 270, at(0.9))),
        (LASTS, Permission(NBF, 240, at(40))),
        (Permission(NBF, 40, at(100)), Permission(NBF, 0, at(40))),
    ],
)
def test_a_void_takes_the_whole_seconds_that_are_left_of_it(was: Permission | None, left: Permission | None) -> None:
    assert changed_by({"void_of": 1, "duration": 60, "applied_at": NOW}, was) == left


def test_a_difference_in_ends_is_one_of_two_that_end() -> None:
    assert difference(LASTS, ENDED) == (0, -200)
    assert difference(NOTHING, LASTS) == difference(None, LASTS) == (300, 0)
    assert difference(LASTS, None) == (-300, 0)
