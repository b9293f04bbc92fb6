"""Which language a tag means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swag_goals.representations.languages import ENGLISH, TRADITIONAL_CHINESE, spoken

CHINESE = (
    *("zh-hant", "zh-Hant", "ZH-HANT", "zh_Hant", "zh-TW", "zh-tw", "zh-HK", "zh-MO", "zh-Hant-TW", "zh-Hant-HK"),
    *("zh-Hant-US", "zh-Hant-CN", "zh-hant-sg", "zh-TW-u-nu-hanidec", "zh-Hant-TW-x-home"),
)
ENGLISHES = ("en", "EN", "en-US", "en-GB", "en_AU", "en-ZZ", "en-US-posix", "en-x-pirate")
OTHERS = (
    *("zh", "zh-CN", "zh-Hans", "zh-Hans-TW", "zh-SG", "fr", "ja-JP", "xx-YY"),
    *("*", "", "-", "zh-", "zh-hantt", "en!", "english", "e", "-en", "en TW"),
)


@pytest.mark.parametrize("tag", CHINESE)
def test_traditional_chinese_wherever_it_is_written(tag: str) -> None:
    assert spoken(tag) == TRADITIONAL_CHINESE


@pytest.mark.parametrize("tag", ENGLISHES)
def test_english_wherever_it_is_spoken(tag: str) -> None:
    assert spoken(tag) == ENGLISH


@pytest.mark.parametrize("tag", OTHERS)
def test_none_of_ours(tag: str) -> None:
    assert spoken(tag) is None


@given(st.text() | st.from_regex(r"[a-zA-Z]{2,3}([-_][a-zA-Z]{2,4}){0,3}", fullmatch=True))
def test_any_tag_is_one_of_ours_or_none(tag: str) -> None:
    assert spoken(tag) in (ENGLISH, TRADITIONAL_CHINESE, None)


@given(st.sampled_from(CHINESE + ENGLISHES), st.data())
def test_case_does_not_matter(tag: str, data: st.DataObject) -> None:
    cased = "".join(data.draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in tag)

    assert spoken(cased) == spoken(tag)
