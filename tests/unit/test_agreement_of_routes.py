"""Which routes there are and who may call them is the same in the code and in the description."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from swag_goals.api import docs
from swag_goals.api.authentication import Authenticator
from swag_goals.api.ids import IdConverter
from swag_goals.auth.tokens import Token

ID = "a" * 24
SERVERS = ("mediamtx", "srs", "ovenmediaengine", "nginx-rtmp")
ADMISSION = {"/admission", *(f"/admission/{server}" for server in SERVERS)}
# Everything else needs a token. /metrics has one of its own, where it has any; media servers have a secret.
OPEN = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", *ADMISSION}


def rules(app: Flask) -> Iterator[Rule]:
    """All but those of the live page, which are no API."""
    yield from (rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/console"))


def routes(app: Flask) -> set[tuple[str, str]]:
    """Method and path of each, as OpenAPI writes it."""
    # Every GET answers HEAD as well, and every path OPTIONS.
    return {
        (method, described(rule)) for rule in rules(app) for method in set(rule.methods or ()) - {"HEAD", "OPTIONS"}
    }


def described(rule: Rule) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {(operation["method"], operation["path"]): operation for operation in docs.operations()}


def call(app: Flask, method: str, path: str) -> Any:
    return app.test_client().open(re.sub(r"{\w+}", ID, path), method=method)


def test_every_route_is_described_and_no_other(app: Flask) -> None:
    assert routes(app) == set(operations())


def test_every_route_answers_head_and_options_as_the_description_says(app: Flask) -> None:
    for rule in rules(app):
        methods = set(rule.methods or ())
        assert "OPTIONS" in methods
        assert ("GET" in methods) == ("HEAD" in methods)
        assert set(call(app, "OPTIONS", described(rule)).headers["Allow"].split(", ")) == methods


def test_what_varies_in_a_path_is_an_id_in_both(app: Flask) -> None:
    for rule in rules(app):
        path = described(rule)
        for operation in (each for each in docs.operations() if each["path"] == path):
            variable = {each["name"]: each for each in operation["parameters"] if each["in"] == "path"}
            assert set(variable) == set(rule.arguments)
            assert all(isinstance(rule._converters[name], IdConverter) for name in variable)
            assert all(each["schema"] == {"$ref": "#/components/schemas/Id"} for each in variable.values())
            assert all(each["required"] for each in variable.values())


def test_what_is_not_open_to_all_is_refused_without_a_token(app: Flask) -> None:
    closed = [route for route in routes(app) if route[1] not in OPEN]
    assert ("PUT", "/goals/{goal_id}/extend") in closed
    assert {route: call(app, *route).status_code for route in closed} == dict.fromkeys(closed, 401)


def test_what_needs_a_token_is_described_so(app: Flask) -> None:
    needing = {route for route, operation in operations().items() if operation["security"] == [{"token": []}]}
    assert needing == {route for route in routes(app) if route[1] not in OPEN}


def test_what_is_for_streamers_alone_is_described_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    viewers = Token(ID, frozenset(), jti="any", iat=0, exp=0)
    monkeypatch.setattr(Authenticator, "authenticate", lambda _self, _header: viewers)
    refused = {
        route
        for route in routes(app)
        if route[1] not in OPEN and (call(app, *route).get_json() or {}).get("code") == "scope_missing"
    }
    assert ("PUT", "/goals/{goal_id}/extend") in refused
    assert refused == {route for route, operation in operations().items() if "scope_missing" in str(operation)}
