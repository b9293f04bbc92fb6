"""What problems say, in English and in Traditional Chinese."""

import re

import pytest

from swag_goals.representations.languages import ENGLISH, TRADITIONAL_CHINESE
from swag_goals.representations.problem_types import PROBLEM_TYPES, ProblemType

# Names of headers, fields and settings, numbers, and what stands in backticks.
NAMES = re.compile(r"`[^`]+`|[A-Z]\w*(?:-[A-Z]\w*)+|[A-Za-z]+(?:_[A-Za-z]+)+|\b[A-Z]{4,}\b|\d+")
TO_DO = {"Ask", "Call", "Check", "End", "Repeat", "Send", "Sign", "Start", "Subscribe", "Take", "Use", "Wait"}

by_code = pytest.mark.parametrize("problem_type", PROBLEM_TYPES.values(), ids=PROBLEM_TYPES)


@by_code
def test_the_chinese_is_chinese_and_keeps_names(problem_type: ProblemType) -> None:
    for english, chinese in zip(problem_type.texts[ENGLISH], problem_type.texts[TRADITIONAL_CHINESE], strict=True):
        assert re.search(r"[\u4e00-\u9fff]", chinese)
        assert set(NAMES.findall(english)) <= set(NAMES.findall(chinese))


@by_code
def test_every_detail_tells_a_person_what_to_do(problem_type: ProblemType) -> None:
    english, chinese = problem_type.texts[ENGLISH].detail, problem_type.texts[TRADITIONAL_CHINESE].detail
    assert english.split()[0] in TO_DO
    assert english.endswith(".")
    assert chinese.startswith("請")
    assert chinese.endswith("。")


@by_code
def test_a_title_is_short_and_no_sentence(problem_type: ProblemType) -> None:
    title = problem_type.texts[ENGLISH].title
    assert len(title) < 40
    assert not title.endswith(".")


@pytest.mark.parametrize("language", [ENGLISH, TRADITIONAL_CHINESE])
def test_each_problem_has_words_of_its_own(language: str) -> None:
    for texts in zip(*(each.texts[language] for each in PROBLEM_TYPES.values()), strict=True):
        assert len(set(texts)) == len(PROBLEM_TYPES)
