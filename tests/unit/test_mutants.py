"""The table of conditions follows the program: each line that it removes stands there once."""

import ast

from dev.stack.keeper import ROOT
from tests.mutants.copies import mutated
from tests.mutants.table import CONDITIONS

NEEDED = 30


def test_each_line_is_in_the_program_once_and_without_it_there_is_still_a_program() -> None:
    sources = {path: (ROOT / "swag_goals" / path).read_text() for path in {each.path for each in CONDITIONS}}
    for condition in CONDITIONS:
        ast.parse(mutated(sources[condition.path], condition.old, condition.new))
        assert (ROOT / condition.test.partition("::")[0]).exists()


def test_each_has_a_name_of_its_own() -> None:
    assert len({each.name for each in CONDITIONS}) == len(CONDITIONS) >= NEEDED
