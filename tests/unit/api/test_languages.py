"""Which language a tag means, and an Accept-Language."""

import time

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from swag_goals.representations.languages import ENGLISH, MAX_TAG, MAX_TAGS, TRADITIONAL_CHINESE, preferred, spoken

CHINESE = (
    *("zh-hant", "zh-Hant", "ZH-HANT", "zh_Hant", "zh-TW", "zh-tw", "zh_TW", "zh-HK", "zh-MO"),
    *("zh-Hant-TW", "zh-Hant-HK", "zh-Hant-US", "zh-Hant-CN", "zh-hant-sg", "zh-TW-u-nu-hanidec"),
    *("zh-Hant-TW-x-home", "zh-CHT", "zh_TW.UTF-8", "zh_HK@pinyin"),
    # Cantonese, unless it says that it is written in Simplified Chinese.
    *("yue", "yue-HK", "yue-Hant", "yue-Hant-HK", "yue-Hant-CN", "yue_MO", "yue-US"),
)
ENGLISHES = ("en", "EN", "en-US", "en-GB", "en_AU", "en-ZZ", "en-US-posix", "en-x-pirate", "en_US.UTF-8", "en-Hant")
OTHERS = (
    *("zh", "zh-CN", "zh-Hans", "zh-Hans-TW", "zh-SG", "zh-CHS", "zh-Latn-TW", "zh-x-tw", "yue-Hans", "yue-CN"),
    *("fr", "ja-JP", "ko-Hant", "xx-YY", "und-Hant", "nan-TW"),
    *("*", "", "-", "zh-", "zh-hantt", "en!", "english", "eng", "e", "-en", "en TW", "x-en"),
)

HEADERS = {
    "zh-TW;q=.9": TRADITIONAL_CHINESE,
    "fr, zh-TW;q=.9, en;q=.8": TRADITIONAL_CHINESE,
    "en;q=.8,zh-TW;q=.85": TRADITIONAL_CHINESE,
    "zh-TW;q=1.": TRADITIONAL_CHINESE,
    "zh-TW;q=1.000": TRADITIONAL_CHINESE,
    "zh-TW;Q=0.5": TRADITIONAL_CHINESE,
    "zh-TW ; q = 0.5 , en;q=0.4": TRADITIONAL_CHINESE,
    " zh-TW\t": TRADITIONAL_CHINESE,
    "en;q=0.5,zh-TW;q=0.50001": TRADITIONAL_CHINESE,
    "zh,zh-CN,zh-TW;q=0.1": TRADITIONAL_CHINESE,
    "*,zh-TW;q=0.1": TRADITIONAL_CHINESE,
    "zh-CN,en;q=0.1,zh-TW;q=0.05": ENGLISH,
    "zh-TW,en": TRADITIONAL_CHINESE,
    "en,zh-TW": ENGLISH,
    "zh-TW;q=0": ENGLISH,
    "zh-TW;q=0.000": ENGLISH,
    "zh-TW;q=.0": ENGLISH,
    "zh-TW;q=1.1,en;q=0.1": ENGLISH,
    "zh-TW;q=-1": ENGLISH,
    "zh-TW;q=": ENGLISH,
    "zh-TW;q=.": ENGLISH,
    "zh-TW;q=x": ENGLISH,
    "zh-TW;q=nan": ENGLISH,
    "zh-TW;q=1e-1": ENGLISH,
    "zh-TW;level=1": ENGLISH,
    '"zh-TW"': ENGLISH,
    "fr,ja;q=0.5": ENGLISH,
    "*": ENGLISH,
    ",": ENGLISH,
    "": ENGLISH,
}


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


@pytest.mark.parametrize(("header", "language"), HEADERS.items())
def test_the_one_of_ours_with_the_highest_weight_is_preferred(header: str, language: str) -> None:
    assert preferred(header) == language


@given(st.permutations([("zh-TW", 0.9), ("en", 0.8), ("zh-CN", 1), ("fr", 0.7)]))
def test_the_order_does_not_matter_where_weights_differ(tags: list[tuple[str, float]]) -> None:
    assert preferred(",".join(f"{tag};q={weight}" for tag, weight in tags)) == TRADITIONAL_CHINESE


@given(st.text(max_size=300) | st.lists(st.sampled_from([*HEADERS, ";", "q=", "\xff"])).map(",".join))
def test_any_header_prefers_one_of_ours(header: str) -> None:
    assert preferred(header) in (ENGLISH, TRADITIONAL_CHINESE)


@pytest.mark.parametrize("before", [MAX_TAGS - 1, MAX_TAGS])
def test_so_many_tags_are_looked_at(before: int) -> None:
    assert (preferred("fr," * before + "zh-TW") == TRADITIONAL_CHINESE) == (before < MAX_TAGS)


def test_a_tag_that_is_too_long_is_passed_over() -> None:
    assert preferred("zh-TW-x-" + "a" * MAX_TAG + ",zh-TW;q=0.1") == TRADITIONAL_CHINESE


MAX_COST = 0.5  # milliseconds
LINE, ADDRESS, LINES = 8000, 3900, 99  # what gunicorn lets in: characters, characters, headers
ODD_HEADERS = {
    "unknown tags": "q{n:x}-TW,",
    "tags of four parts": "q{n:x}-aaaa-TW-x,",
    "Chinese of nowhere": "zh-Hans-{n:x},",
    "commas": ",",
    "one-letter tags": "a,",
    "one tag": "a",
    "parts of a tag": "a-",
    "underscores": "_",
    "Chinese and Chinese": "zh-",
    "spaces": " ",
    "tabs": " \t",
    "quotes": '"',
    "quoted commas": '"a,\\"b",',
    "backslashes": "\\",
    "semicolons": ";",
    "weights of nothing": "a;q=",
    "weights and weights": ";q=0.5",
    "a long weight": "1",
    "parameters": ";x*{n}=y",
    "percent signs": "%41",
    "bytes above ASCII": "\xff",
    "asterisks": "*,",
    "rising weights": "fr;q=0.{n:03},",
}
ODD_QUERIES = {
    "one tag": "lang=" + "a" * ADDRESS,
    "parts of a tag": "lang=" + "a-" * (ADDRESS // 2),
    "percent signs": "lang=" + "%41" * (ADDRESS // 3),
    "what is no UTF-8": "lang=" + "%ff" * (ADDRESS // 3),
    "plus signs": "lang=" + "+" * ADDRESS,
    "names": "a&" * (ADDRESS // 2),
    "names in percent signs": "%41&" * (ADDRESS // 4),
    "the parameter again and again": "lang=x&" * (ADDRESS // 7),
    "the parameter without a value": "lang&" * (ADDRESS // 5),
    "ampersands": "&" * ADDRESS,
    "equals signs": "=" * ADDRESS,
}


def of_length(part: str, length: int) -> str:
    """The part again and again, with a number in it."""
    times = length // len(part)
    parts = "".join(part.format(n=n) for n in range(times)) if "{" in part else part * times
    return ("zh-CN;q=0." if part == "1" else "") + parts[:length]


def cost(app: Flask, **environ: str) -> float:
    """What a refusal costs, in milliseconds of CPU: the least of several runs, since a busy machine adds to it.

    Without Flask's client, which reads the address for itself.
    """
    request = {**create_environ("/goals/x/extend", method="PUT"), **environ}
    runs = []
    for _ in range(5):
        started = time.process_time()
        for _ in range(10):
            answer = run_wsgi_app(app.wsgi_app, request.copy())
        runs.append(time.process_time() - started)
        assert answer[1].startswith("401")
    return min(runs) * 1000 / 10


@pytest.mark.parametrize("part", ODD_HEADERS.values(), ids=ODD_HEADERS)
@pytest.mark.parametrize("length", [LINE, LINE * LINES], ids=["a line", "all lines"])
def test_no_header_is_dear_to_read(app: Flask, part: str, length: int) -> None:
    assert cost(app, HTTP_ACCEPT_LANGUAGE=of_length(part, length)) < cost(app) + MAX_COST


@pytest.mark.parametrize("query", ODD_QUERIES.values(), ids=ODD_QUERIES)
def test_nor_is_an_address(app: Flask, query: str) -> None:
    assert cost(app, QUERY_STRING=query) < cost(app) + MAX_COST
