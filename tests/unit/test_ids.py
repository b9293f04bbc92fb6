"""References are an ObjectId or 24 lower-case hex digits, and nothing else."""

from typing import Any

import pytest
from bson import ObjectId

from swag_goals.documents.ids import either_form, hex_id

TEXT = "0123456789abcdef01234567"


@pytest.mark.parametrize("value", [TEXT, ObjectId(TEXT)])
def test_both_forms_are_the_same_id(value: Any) -> None:
    assert hex_id(value) == TEXT


@pytest.mark.parametrize(
    "value",
    [
        TEXT.upper(),
        TEXT[:-1],
        TEXT + "0",
        f"{TEXT}\n",
        "0123456789abcdef0123456g",
        "\uff10" * 24,
        "$where",
        "a.b",
        "",
        TEXT.encode(),
        int(TEXT, 16),
        None,
        True,
        [TEXT],
        {"$oid": TEXT},
        {"$ne": None},
    ],
)
def test_anything_else_is_no_id(value: Any) -> None:
    assert hex_id(value) is None


def test_a_reference_is_looked_for_in_both_forms() -> None:
    assert either_form(TEXT) == {"$in": [TEXT, ObjectId(TEXT)]}
