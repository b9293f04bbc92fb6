"""Problems and reasons are the same in the code that answers them, in the description and on the pages."""

import ast
import re

from flask import Flask

from dev.stack.keeper import ROOT
from swag_goals.documents.reasons import REJECTIONS
from swag_goals.representations.languages import catalogue
from swag_goals.representations.problem_types import PROBLEM_TYPES

# These two are where all are listed.
LISTS = {"problem_types.py", "operations.py"}


def test_every_problem_is_answered_somewhere() -> None:
    doors = [*(ROOT / "swag_goals/api").glob("*.py"), *(ROOT / "swag_goals/server").glob("*.py")]
    views = [path for path in doors if path.name not in LISTS]
    # That one lists its problems as well: what counts there is what it raises.
    goal = ast.walk(ast.parse((ROOT / "swag_goals/documents/goal.py").read_text()))
    trees = [*(ast.parse(view.read_text()) for view in views), *(node for node in goal if isinstance(node, ast.Raise))]
    constants = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert set(PROBLEM_TYPES) - constants == set()


def test_every_problem_is_described(app: Flask) -> None:
    description = app.test_client().get("/openapi.json").get_json()
    assert set(description["components"]["responses"]) >= set(PROBLEM_TYPES)


def test_every_problem_has_words_in_chinese_too() -> None:
    words = {word for problem in PROBLEM_TYPES.values() for word in (problem.title, problem.detail)}
    assert words - set(catalogue()) == set()


def test_the_readme_names_only_answers_that_the_call_has(app: Flask) -> None:
    section = (ROOT / "README.rst").read_text().split("\nThe call\n")[1].split("\nSettings\n")[0]
    named = set(re.findall(r"^(\d{3})  ", section, re.MULTILINE))
    description = app.test_client().get("/openapi.json").get_json()
    answers = description["paths"]["/goals/{goal_id}/extend"]["put"]["responses"]
    assert {"202", "200", "404", "503"} <= named <= set(answers)


def test_the_page_on_rejected_extensions_lists_every_reason() -> None:
    page = (ROOT / "docs/howto/mend-a-rejected-extension.rst").read_text()
    assert set(re.findall(r"^``(\w+)``", page, re.MULTILINE)) == set(REJECTIONS)
