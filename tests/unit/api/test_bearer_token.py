"""The one token of an Authorization header."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swag_goals.auth.tokens import BadToken, bearer_token

part = st.text(string.ascii_letters + string.digits + "-_", min_size=1)
tokens = st.builds("{}.{}.{}".format, part, part, part)
schemes = st.sampled_from(["Bearer", "bearer", "BEARER", "bEaReR"])


@given(schemes, st.integers(1, 5), tokens)
def test_is_what_stands_behind_the_scheme(scheme: str, spaces: int, token: str) -> None:
    assert bearer_token(scheme + " " * spaces + token) == token


@given(schemes, tokens, tokens, st.sampled_from([",", ", ", " ", ", Bearer ", ";", "\t"]))
def test_two_are_none(scheme: str, one: str, other: str, between: str) -> None:
    with pytest.raises(BadToken):
        bearer_token(f"{scheme} {one}{between}{other}")


@given(st.text())
def test_any_other_text_has_none(text: str) -> None:
    with pytest.raises(BadToken):
        bearer_token(text.replace(".", ""))
