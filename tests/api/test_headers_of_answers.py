"""What every answer carries, good or bad."""

from typing import Any

import pytest
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.api.client import Answer, ask, bearer, extend, send

ASKED = {
    "a good answer": ("GET", "/healthz"),
    "a preflight": ("OPTIONS", "/goals/x/extend"),
    "no token": ("PUT", "/goals/x/extend"),
    "nothing there": ("GET", "/nowhere"),
    "a wrong method": ("PATCH", "/healthz"),
    "no HTTP": ("GET", "* x"),
    "the description": ("GET", "/openapi.json"),
}


def is_closed(answer: Answer) -> bool:
    """Whether the answer gives nothing away to a browser that was led here."""
    headers = answer.headers
    return (
        headers["X-Content-Type-Options"] == "nosniff"
        and headers["Referrer-Policy"] == "no-referrer"
        and headers["Strict-Transport-Security"] == "max-age=31536000"
        and headers["Cache-Control"] == "no-store"
        and "default-src 'none'" in headers["Content-Security-Policy"]
        and "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        and "Set-Cookie" not in headers
        and headers.get("Server", "gunicorn") == "gunicorn"
        and "X-Powered-By" not in headers
    )


@pytest.mark.parametrize(("method", "target"), ASKED.values(), ids=ASKED)
def test_are_closed(door: Stack, method: str, target: str) -> None:
    assert is_closed(ask(door, method, target))


def test_are_closed_for_an_extension(door: Stack, ledger: Database[dict[str, Any]]) -> None:
    assert is_closed(extend(door, factories.one_to_one(ledger)))


@pytest.mark.parametrize("sent", ["a", "0b8f6a52-3d0e-4a53-9c0e-3f4f2f5c9a77", "a_b.c:d-e", "1" * 200])
def test_give_a_request_id_back(door: Stack, sent: str) -> None:
    assert ask(door, "GET", "/healthz", [("X-Request-ID", sent)]).headers["X-Request-ID"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "<script>", "\xe9", "1" * 201, "{{7*7}}", "a,b"])
def test_give_a_new_one_instead_of_a_malformed_one(door: Stack, sent: str) -> None:
    given = ask(door, "GET", "/healthz", [("X-Request-ID", sent)]).headers["X-Request-ID"]

    assert len(given) == 36
    assert given != sent


def test_a_head_is_answered_without_a_body(door: Stack) -> None:
    header = bearer(door, factories.new_id(), "CREATOR")

    answers = [ask(door, method, f"/goals/{'a' * 24}/extensions", [header]) for method in ("GET", "HEAD")]

    assert [answer.status for answer in answers] == [404, 404]
    assert answers[1].content == b""


def test_one_connection_serves_many_requests(door: Stack) -> None:
    raw = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

    assert send(door, raw * 2).headers["Connection"] == "keep-alive"
