"""The table of conditions follows the program: each line that it removes stands there once."""

import pytest

from dev.stack.keeper import ROOT
from tests.model.conditions import Condition
from tests.mutants.copies import mutated
from tests.mutants.table import CONDITIONS

NEEDED = 30


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda each: each.name)
def test_its_line_is_in_the_program(condition: Condition) -> None:
    source = (ROOT / "swag_goals" / condition.path).read_text()
    compile(mutated(source, condition.old, condition.new), condition.path, "exec")
    assert (ROOT / condition.test.partition("::")[0]).exists()


def test_each_has_a_name_of_its_own() -> None:
    assert len({each.name for each in CONDITIONS}) == len(CONDITIONS) >= NEEDED
