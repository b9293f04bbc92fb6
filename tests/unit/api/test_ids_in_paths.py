"""An id in a path: as it is, or nobody's."""

import string

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Map

from swag_goals.api.ids import NOBODYS, IdConverter

converter = IdConverter(Map())
ids = st.text("0123456789abcdef", min_size=24, max_size=24)


@given(ids)
def test_24_lower_case_hex_digits_are_the_id(value: str) -> None:
    assert converter.to_python(value) == value


@given(st.text() | st.text(string.hexdigits) | ids.map(lambda value: value + "\n") | ids.map(lambda value: value[1:]))
def test_anything_else_is_nobody_s(value: str) -> None:
    is_id = len(value) == 24 and set(value) <= set("0123456789abcdef")

    assert is_id or converter.to_python(value) == NOBODYS
