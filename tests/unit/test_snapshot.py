"""A session's permissions as they are read: what is no permission is never shown as one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from swag_goals.documents.snapshot import Snapshot, UnreadablePermission

VIEWER, OTHER = "a" * 24, "b" * 24
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PERMISSION = {"nbf": NOW, "duration": 300, "exp": NOW}


def snapshot(viewers: Any) -> Snapshot:
    return Snapshot(1, NOW, viewers)


@pytest.mark.parametrize("viewers", [None, {}, {OTHER: PERMISSION}, {VIEWER: None}])
def test_without_an_entry_there_is_no_permission(viewers: Any) -> None:
    assert snapshot(viewers).permission(VIEWER) is None


@pytest.mark.parametrize(
    ("entry", "permission"),
    [
        (PERMISSION, PERMISSION),
        (PERMISSION | {"more": 1}, PERMISSION),
        (PERMISSION | {"duration": 300.0}, PERMISSION),
        (PERMISSION | {"duration": None}, PERMISSION | {"duration": None}),
        ({}, {"nbf": None, "duration": None, "exp": None}),
    ],
)
def test_it_is_its_three_values(entry: Any, permission: Any) -> None:
    assert snapshot({VIEWER: entry}).permission(VIEWER) == permission


@pytest.mark.parametrize(
    "viewers",
    [
        [],
        "viewers",
        {VIEWER: []},
        {VIEWER: "permission"},
        {VIEWER: PERMISSION | {"nbf": 1}},
        {VIEWER: PERMISSION | {"exp": "tomorrow"}},
        {VIEWER: PERMISSION | {"duration": True}},
        {VIEWER: PERMISSION | {"duration": 1.5}},
        {VIEWER: PERMISSION | {"duration": float("nan")}},
        {VIEWER: PERMISSION | {"duration": float("inf")}},
        {VIEWER: PERMISSION | {"duration": "300"}},
    ],
)
def test_anything_else_is_unreadable(viewers: Any) -> None:
    with pytest.raises(UnreadablePermission):
        snapshot(viewers).permission(VIEWER)
    with pytest.raises(UnreadablePermission):
        snapshot(viewers).permissions()


def test_all_permissions_are_those_of_viewers_with_an_entry() -> None:
    assert snapshot({VIEWER: PERMISSION, OTHER: None}).permissions() == {VIEWER: PERMISSION}
