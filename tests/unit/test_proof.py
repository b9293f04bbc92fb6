"""The page that says what is proven names what there is."""

import re

from dev.stack.keeper import ROOT
from tests.model.invariants import INVARIANTS, PAIR_INVARIANTS

PAGE = (ROOT / "docs/proof.rst").read_text()


def test_each_test_that_it_names_is_there() -> None:
    named = set(re.findall(r"``(tests/[\w/.]+)``", PAGE))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_it_names_each_invariant() -> None:
    named = set(re.findall(r"``([A-Z]\w+)``", PAGE))
    assert named == {*INVARIANTS, *PAIR_INVARIANTS}
