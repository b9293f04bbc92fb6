"""Which pages may call, as far as headers say; tests/browser shows that a browser obeys."""

import pytest

from dev.stack.stack import Stack
from tests.api.client import Answer, ask
from tests.api.conftest import ORIGINS

FOREIGN = {
    "another site": "https://evil.example",
    "a subdomain": "https://www.swag.live",
    "a longer name": "https://swag.live.evil.example",
    "a name before": "https://evilswag.live",
    "another character for the dot": "https://swagxlive",
    "without TLS": "http://swag.live",
    "another port": "https://swag.live:8443",
    "no port": "https://m.swag.live",
    "capitals": "https://SWAG.live",
    "a slash behind": "https://swag.live/",
    "a sandbox": "null",
    "anything": "*",
    "empty": "",
    "two": "https://swag.live https://swag.live",
    "two with a comma": "https://swag.live, https://evil.example",
}
SENT = (
    "authorization,cache-control,pragma,x-client-id,x-request-id,x-session-id,idempotency-key,content-type,"
    "accept-language"
)
EXPOSED = {"Location", "X-Request-ID", "Idempotent-Replayed", "Retry-After", "Content-Language"}


def preflight(door: Stack, origin: str, method: str = "PUT", sent: str = SENT) -> Answer:
    headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", sent),
    ]
    return ask(door, "OPTIONS", "/goals/x/extend?lang=zh-hant", headers)


def cors(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.lower().startswith("access-control-")}


def listed(value: str) -> set[str]:
    return {item.strip() for item in value.split(",")}


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_of_ours_may_send_the_call_with_all_its_headers(door: Stack, origin: str) -> None:
    answer = preflight(door, origin)

    headers = cors(answer)
    assert answer.status == 200
    assert headers["Access-Control-Allow-Origin"] == origin
    assert listed(headers["Access-Control-Allow-Headers"]) == listed(SENT)
    assert {"GET", "PUT", "POST"} == listed(headers["Access-Control-Allow-Methods"])
    assert "Access-Control-Allow-Credentials" not in headers


def test_it_may_send_no_other_header(door: Stack) -> None:
    assert "Access-Control-Allow-Headers" not in cors(preflight(door, ORIGINS[0], sent="x-evil"))


@pytest.mark.parametrize("path", ["/goals/x/extend", "/nowhere", "/healthz", f"/{'a' * 3000}"])
def test_it_may_read_the_answer_good_or_bad(door: Stack, path: str) -> None:
    headers = cors(ask(door, "PUT", path, [("Origin", ORIGINS[0])]))

    assert headers["Access-Control-Allow-Origin"] == ORIGINS[0]
    assert listed(headers["Access-Control-Expose-Headers"]) == EXPOSED


@pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN)
def test_any_other_origin_gets_no_cors_header(door: Stack, origin: str) -> None:
    assert cors(preflight(door, origin)) == {}
    assert cors(ask(door, "PUT", "/goals/x/extend", [("Origin", origin)])) == {}


def test_neither_does_who_is_no_page(door: Stack) -> None:
    assert cors(ask(door, "PUT", "/goals/x/extend")) == {}
