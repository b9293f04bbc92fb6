"""Problems and reasons are the same in the code that answers them, in the description and on the pages."""

import ast
import re

from dev.stack.keeper import ROOT
from swag_goals.api.docs import operations
from swag_goals.documents.reasons import REJECTIONS
from swag_goals.representations.problem_types import PROBLEM_TYPES


def test_every_problem_is_answered_somewhere() -> None:
    views = [*(ROOT / "swag_goals/api").glob("*.py"), *(ROOT / "swag_goals/server").glob("*.py")]
    # That one lists its problems as well: what counts there is what it raises.
    goal = ast.walk(ast.parse((ROOT / "swag_goals/documents/goal.py").read_text()))
    trees = [*(ast.parse(view.read_text()) for view in views), *(node for node in goal if isinstance(node, ast.Raise))]
    constants = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert set(PROBLEM_TYPES) - constants == set()


def test_the_readme_names_only_answers_that_the_call_has() -> None:
    section = (ROOT / "README.rst").read_text().split("\nThe call\n")[1].split("\nSettings\n")[0]
    named = set(re.findall(r"^(\d{3})  ", section, re.MULTILINE))
    (answers,) = (each["responses"] for each in operations() if each["operationId"] == "extend_goal")
    assert {"202", "200", "404", "503"} <= named <= set(answers)


def test_the_page_on_rejected_extensions_lists_every_reason() -> None:
    page = (ROOT / "docs/howto/mend-a-rejected-extension.rst").read_text()
    assert set(re.findall(r"^``(\w+)``", page, re.MULTILINE)) == set(REJECTIONS)
