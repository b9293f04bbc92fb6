"""How what is shown is compared with a page."""

import pytest

from tests.docs.console import Shown

NOON, LATER = "2026-01-31T12:00:00.000Z", "2026-11-22T23:43:38.031Z"


@pytest.mark.parametrize(
    ("page", "real"),
    [
        ("duration 360", "duration 420"),
        ("duration 36", "duration 360"),
        (f"nbf {NOON}, exp {NOON}", f"nbf {NOON}, exp {LATER}"),
        (f"at {NOON}", "at noon"),
        ("first\n...\nlast", "last\nfirst"),
    ],
)
def test_something_else_is_noticed(page: str, real: str) -> None:
    assert Shown().begins(f"{real}\n", page) is None


@pytest.mark.parametrize(
    ("page", "real"),
    [
        ("duration 360", "duration 360\nand more"),
        (f"at {NOON}", f"at {LATER}"),
        (f"nbf {NOON}, exp {NOON}", f"nbf {LATER}, exp {LATER}"),
        ("on http://127.0.0.1:8000/", "on http://127.0.0.1:40711/"),
        ("first\n...\nlast", "first\n1\n2\nlast"),
    ],
)
def test_what_differs_from_run_to_run_may(page: str, real: str) -> None:
    assert Shown().begins(f"{real}\n", page)


def test_a_time_that_is_shown_again_later_is_the_same_one() -> None:
    shown = Shown()

    assert shown.begins(f"exp {LATER}\n", f"exp {NOON}")
    assert shown.begins(f"before {NOON}\n", f"before {NOON}") is None
    assert shown.begins(f"before {LATER}\n", f"before {NOON}")
