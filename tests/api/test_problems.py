"""Every refusal is a problem of RFC 9457, in the caller's language."""

from typing import Any

import pytest
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.representations.languages import ENGLISH
from swag_goals.representations.problem_types import PROBLEM_TYPES
from tests import factories
from tests.api.client import Answer, ask, bearer, send
from tests.factories import OneToOne

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
REFUSED_BY = {
    "gunicorn": "PUT /goals HTTP/9.9\r\n\r\n",
    "gunicorn's limits": f"PUT /{'a' * 5000} HTTP/1.1\r\n\r\n",
    "Flask's routing": "PUT /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
    "Flask's methods": "PATCH /goals/x/extend HTTP/1.1\r\nHost: x\r\n\r\n",
    "Werkzeug's web sockets": "GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "the size of the body": "PUT /goals/x/extend HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n",
    "the token": "PUT /goals/x/extend HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\n\r\n",
}

LANGUAGES = {
    "nothing": ("", [], "en"),
    "the parameter": ("?lang=zh-hant", [], "zh-hant"),
    "the parameter against the header": ("?lang=en", ["zh-TW"], "en"),
    "a parameter we do not speak": ("?lang=fr", ["zh-TW"], "en"),
    "an empty parameter": ("?lang=", ["zh-TW"], "en"),
    "rubbish in the parameter": ("?lang=%00%ff", ["zh-TW"], "en"),
    "the parameter without a value": ("?lang", ["zh-TW"], "en"),
    "the parameter in percent signs": ("?a=b&lang=zh%2DTW&c", [], "zh-hant"),
    "another parameter": ("?slang=en&language=en", ["zh-TW"], "zh-hant"),
    "a very long parameter": (f"?lang=zh-TW-{'a' * 3000}", [], "zh-hant"),
    "the parameter twice": ("?lang=zh-hant&lang=en", [], "zh-hant"),
    "a browser in Taiwan": ("", ["zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7"], "zh-hant"),
    "a browser in Hong Kong": ("", ["zh-HK"], "zh-hant"),
    "a browser in Beijing": ("", ["zh-CN,zh;q=0.9"], "en"),
    "English before Chinese": ("", ["en-GB,zh-TW;q=0.9"], "en"),
    "by quality": ("", ["en;q=0.1,zh-TW;q=0.9"], "zh-hant"),
    "a quality without its zero": ("", ["fr,zh-TW;q=.9,en;q=.8"], "zh-hant"),
    "an old Windows": ("", ["zh-CHT,en;q=0.5"], "zh-hant"),
    "Cantonese": ("", ["yue-Hant-HK,en;q=0.5"], "zh-hant"),
    "not at any price": ("", ["zh-TW;q=0"], "en"),
    "French before Chinese": ("", ["fr,zh-TW;q=0.5,en;q=0.4"], "zh-hant"),
    "two headers": ("", ["fr", "zh-TW"], "zh-hant"),
    "rubbish": ("", [";;;q=x,\xff,*;q=-1,q=9e999"], "en"),
    "8 KiB of tags": ("", [",".join(f"q{n:x}-TW" for n in range(900))], "en"),
}


def is_problem(answer: Answer) -> bool:
    body = answer.body
    listed = PROBLEM_TYPES[body["code"]]
    return (
        answer.headers["Content-Type"] == "application/problem+json"
        and set(body) == MEMBERS
        and body["type"] == f"urn:swag-goals:problem:{body['code']}"
        and body["status"] == answer.status == listed.status
        and body["request_id"] == answer.headers["X-Request-ID"]
        and (body["title"], body["detail"]) == listed.texts[ENGLISH]
        and answer.headers["Content-Language"] == "en"
    )


@pytest.mark.parametrize("raw", REFUSED_BY.values(), ids=REFUSED_BY)
def test_whoever_refuses_the_answer_is_a_problem(door: Stack, raw: str) -> None:
    assert is_problem(send(door, raw.encode()))


def test_a_method_that_is_not_allowed_comes_with_those_that_are(door: Stack) -> None:
    allowed = ask(door, "POST", "/goals/x/extend").headers["Allow"]

    assert set(allowed.split(", ")) == {"OPTIONS", "PUT"}


def test_it_carries_the_request_s_id(door: Stack) -> None:
    assert ask(door, "GET", "/nowhere", [("X-Request-ID", "my:id_1.2-3")]).body["request_id"] == "my:id_1.2-3"


@pytest.mark.parametrize(("query", "accepted", "language"), LANGUAGES.values(), ids=LANGUAGES)
def test_it_speaks_the_caller_s_language(door: Stack, query: str, accepted: list[str], language: str) -> None:
    headers = [("Accept-Language", value) for value in accepted]

    answer = ask(door, "PUT", f"/goals/x/extend{query}", headers)

    texts = PROBLEM_TYPES["token_invalid"].texts
    assert answer.headers["Content-Language"] == language
    assert (answer.body["title"], answer.body["detail"]) == texts[language]


def test_the_browser_s_own_call_is_refused_in_chinese(door: Stack, ledger: Database[dict[str, Any]]) -> None:
    one = OneToOne()
    factories.goal(ledger, one, context=None)
    headers = [bearer(door, one.streamer_id, "CREATOR"), ("Accept-Language", "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7")]

    answer = ask(door, "PUT", f"/goals/{one.goal_id}/extend?lang=zh-hant", headers)

    assert answer.status == 409
    assert answer.body["title"] == "目標沒有直播場次"
    assert answer.body["detail"].startswith("請先開始直播")
