"""What a stranger sends: a table of requests without a valid token, of which `make bench` says what they cost."""

import time

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from dev.bench import hostile
from dev.bench.public import PUBLIC, SCRIPT
from swag_goals.api import requests
from swag_goals.auth.tokens import BadToken, mint, verify
from swag_goals.settings import Settings
from tests.unit.test_settings import GOOD

SETTINGS = Settings.from_environ(GOOD)
SECRETS = SETTINGS.jwt_keys.values()
REFUSED = hostile.shapes(SETTINGS.jwt_keys)
SHAPES = {**REFUSED, **PUBLIC}
AT_LEAST = 60
ASKED = {"Origin": hostile.ORIGIN, "Access-Control-Request-Method": "PUT"}


def status(app: Flask, shape: hostile.Shape) -> int:
    return answer(app, shape)[0]


def answer(app: Flask, shape: hostile.Shape) -> tuple[int, Headers]:
    _, status, headers = run_wsgi_app(app.wsgi_app, hostile.environ(shape), buffered=True)
    return int(status.split()[0]), headers


def test_the_table_has_at_least_so_many_different_requests() -> None:
    environs = [hostile.environ(shape) for shape in REFUSED.values()]

    sent = {repr({**each, "wsgi.input": each["wsgi.input"].getvalue(), "wsgi.errors": None}) for each in environs}
    assert len(sent) == len(REFUSED) >= AT_LEAST
    assert not REFUSED.keys() & PUBLIC.keys()


@pytest.mark.parametrize("shape", REFUSED.values(), ids=REFUSED)
def test_each_is_refused(app: Flask, shape: hostile.Shape) -> None:
    assert 400 <= status(app, shape) < 500


@pytest.mark.parametrize("shape", PUBLIC.values(), ids=PUBLIC)
def test_what_is_public_is_answered(app: Flask, shape: hostile.Shape) -> None:
    assert 200 <= status(app, shape) < 500


def test_a_page_that_asks_for_more_headers_than_there_are_gets_none(app: Flask) -> None:
    asked = {**ASKED, "Access-Control-Request-Headers": "pragma," * 30}

    assert (
        "Access-Control-Allow-Headers" not in answer(app, {**hostile.PLAIN, "method": "OPTIONS", "headers": asked})[1]
    )


@pytest.mark.parametrize("name", ["If-None-Match", "Range"])
def test_a_condition_too_long_to_parse_is_as_if_not_sent(app: Flask, name: str) -> None:
    value = {"If-None-Match": "*" + " " * 160, "Range": "bytes=0-1" + " " * 160}[name]

    assert status(app, {"path": SCRIPT, "headers": {name: value.strip()}}) in {206, 304}
    assert status(app, {"path": SCRIPT, "headers": {name: value}}) == 200


@pytest.mark.parametrize(
    "name",
    [
        *("ACCESS_CONTROL_REQUEST_HEADERS", "CONNECTION", "RANGE", "IF_MATCH", "IF_NONE_MATCH"),
        *("IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE"),
    ],
)
def test_what_costs_more_to_parse_than_a_refusal_is_as_if_not_sent(name: str) -> None:
    passed: list[dict[str, str]] = []
    bounded = requests._bounded(lambda environ, _start: passed.append(dict(environ)))
    longest = {f"HTTP_{name}": "a" * 160}

    for environ in (longest, {f"HTTP_{name}": "a" * 161}):
        bounded({"PATH_INFO": "/", **environ}, None)

    assert passed == [{"PATH_INFO": "/", **longest}, {"PATH_INFO": "/"}]


def test_a_host_may_be_as_long_as_a_name_can_be(app: Flask) -> None:
    host = ".".join(["a" * 62] * 4) + ":65535"

    assert status(app, {**hostile.PLAIN, "headers": {"Host": host}}) == 401
    assert status(app, {**hostile.PLAIN, "headers": {"Host": f"aa.{host}.aaa"}}) == 400


def test_nothing_of_a_token_is_decoded_before_its_signature_is_right(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []
    monkeypatch.setattr("swag_goals.auth.tokens.decode_token", lambda encoded, **_: decoded.append(encoded))
    token = mint(SETTINGS, hostile.ID, [], 60, "j")

    for bad in (token[:-2], token + "A", token.replace(".", ".A", 1), f"A{token}", "a.b.c"):
        with app.app_context(), pytest.raises(BadToken):
            verify(bad, SECRETS)

    assert decoded == []


def test_a_token_that_will_be_good_is_not_called_bad_for_ever(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: now + 3600)
        token = mint(SETTINGS, hostile.ID, [], 60, "j")

    with app.app_context(), pytest.raises(BadToken):
        verify(token, SECRETS)


@pytest.mark.parametrize("lifetime", [-60, 60])
def test_an_expired_token_is_known_as_one(app: Flask, lifetime: int) -> None:
    with app.app_context():
        token = verify(mint(SETTINGS, hostile.ID, [], lifetime, "j"), SECRETS)

    assert token is not None
    assert token.is_valid_at(time.time()) is (lifetime > 0)
