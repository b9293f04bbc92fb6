"""What a key of a call may be."""

import string

from hypothesis import given
from hypothesis import strategies as st

from swag_goals.services.idempotency import is_key, unquoted

LETTERS = string.ascii_letters + string.digits + "_.:-"

keys = st.text(LETTERS, min_size=1, max_size=200)


@given(keys)
def test_any_1_to_200_of_its_characters(key: str) -> None:
    assert is_key(key)


@given(keys, st.integers(201, 10_000))
def test_not_more_of_them(key: str, length: int) -> None:
    assert not is_key((key * length)[:length])


def test_not_none_of_them() -> None:
    assert not is_key("")


@given(keys, st.characters(exclude_characters=LETTERS), keys)
def test_no_other_character_anywhere(before: str, other: str, after: str) -> None:
    assert not is_key(before[:99] + other + after[:99])
    assert not is_key(other + after[:199])
    assert not is_key(before[:199] + other)


@given(keys)
def test_one_pair_of_quotes_is_dropped(key: str) -> None:
    assert unquoted(f'"{key}"') == unquoted(key) == key


@given(keys)
def test_any_other_quotes_stay_and_make_it_malformed(key: str) -> None:
    for quoted in (f'"{key}', f'{key}"', f'""{key}""', f"'{key}'", '"', '""'):
        assert not is_key(unquoted(quoted))
