"""The table of conditions follows the program: each line that it removes stands there once."""

import ast
import subprocess
import sys
from pathlib import Path

from dev.stack.keeper import ROOT
from tests.mutants.copies import mutated
from tests.mutants.table import CONDITIONS

NEEDED = 30


def test_each_line_is_in_the_program_once_and_without_it_there_is_still_a_program() -> None:
    sources = {path: (ROOT / "swag_goals" / path).read_text() for path in {each.path for each in CONDITIONS}}
    for condition in CONDITIONS:
        ast.parse(mutated(sources[condition.path], condition.old, condition.new))
        assert (ROOT / condition.test.partition("::")[0]).exists()


def test_without_it_no_name_is_missing(tmp_path: Path) -> None:
    """Or its test fails over the name, and would not notice the condition."""
    for number, condition in enumerate(CONDITIONS):
        source = (ROOT / "swag_goals" / condition.path).read_text()
        (tmp_path / f"{number}.py").write_text(mutated(source, condition.old, condition.new))

    ruff = str(Path(sys.executable).with_name("ruff"))
    command = [ruff, "check", "--isolated", "--select=F821", str(tmp_path)]
    found = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE)

    assert found.returncode == 0, found.stdout


def test_each_has_a_name_of_its_own() -> None:
    assert len({each.name for each in CONDITIONS}) == len(CONDITIONS) >= NEEDED
