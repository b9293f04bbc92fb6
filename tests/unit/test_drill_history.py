"""What a drill's history knows of a session's changes, whichever way MongoDB tells of them."""

from typing import Any

import pytest

from dev.drill.history import _applied

FIRST, SECOND = {"extension": "a", "revision": 1}, {"extension": "b", "revision": 2}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"swag_goals": {"applied": ["a"], "changes": [FIRST]}}, [FIRST]),
        ({"swag_goals.changes": [FIRST, SECOND]}, [FIRST, SECOND]),
        ({"swag_goals.changes.1": SECOND, "swag_goals.revision": 2}, [SECOND]),
        ({"swag_goals.applied.0": "a", "viewers": {}}, []),
        ({"swag_goals": {"revision": 1}}, []),
    ],
)
def test_every_extension_is_found_with_its_revision(changed: dict[str, Any], found: list[dict[str, Any]]) -> None:
    assert list(_applied(changed)) == found
