"""The catalogue of Traditional Chinese, and the English that it translates."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

import swag_goals
from swag_goals.representations.languages import catalogue
from swag_goals.representations.problem_types import PROBLEM_TYPES, ProblemType

PACKAGE = Path(swag_goals.__file__).parent
# Names of headers, fields and settings, numbers, and what stands in backticks.
NAMES = re.compile(r"`[^`]+`|[A-Z]\w*(?:-[A-Z]\w*)+|[A-Za-z]+(?:_[A-Za-z]+)+|\b[A-Z]{4,}\b|\d+")
TO_DO = {"Ask", "Call", "Check", "End", "Repeat", "Send", "Sign", "Start", "Subscribe", "Take", "Use", "Wait"}

by_code = pytest.mark.parametrize("problem_type", PROBLEM_TYPES.values(), ids=PROBLEM_TYPES)


def extracted() -> set[str]:
    found = (extract_from_file("python", path, keywords={"_": None}) for path in PACKAGE.rglob("*.py"))
    return {str(message) for messages in found for _line, message, _comments, _context in messages}


def test_has_every_message_that_is_extracted_and_no_other() -> None:
    assert set(catalogue()) == extracted()


def test_every_message_of_a_problem_is_extracted() -> None:
    assert {message for each in PROBLEM_TYPES.values() for message in (each.title, each.detail)} == extracted()


@pytest.mark.parametrize("message", sorted(catalogue()))
def test_translates_into_chinese_and_keeps_names(message: str) -> None:
    translation = catalogue()[message]

    assert re.search(r"[\u4e00-\u9fff]", translation)
    assert set(NAMES.findall(message)) <= set(NAMES.findall(translation))


@by_code
def test_every_detail_tells_a_person_what_to_do(problem_type: ProblemType) -> None:
    assert problem_type.detail.split()[0] in TO_DO
    assert problem_type.detail.endswith(".")
    assert catalogue()[problem_type.detail].startswith("請")
    assert catalogue()[problem_type.detail].endswith("。")


@by_code
def test_a_title_is_short_and_no_sentence(problem_type: ProblemType) -> None:
    assert len(problem_type.title) < 40
    assert not problem_type.title.endswith(".")


def test_each_problem_has_words_of_its_own() -> None:
    assert len({each.detail for each in PROBLEM_TYPES.values()}) == len(PROBLEM_TYPES)
