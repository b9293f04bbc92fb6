"""Who may call which route is the same in the routes and in their description."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from swag_goals.api.authentication import Authenticator
from swag_goals.auth.tokens import User

ID = "a" * 24
# Everything else needs a token. /metrics has one of its own, where it has any.
OPEN = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"}


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Method and path of each, with ids in it."""
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        if not str(rule).startswith("/console"):
            yield from ((method, str(rule)) for method in sorted(methods))


def operations(app: Flask) -> dict[tuple[str, str], dict[str, Any]]:
    description = app.test_client().get("/openapi.json").get_json()
    return {
        (method.upper(), path): operation
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def described(rule: str) -> str:
    """The rule as OpenAPI writes it."""
    return rule.replace("<id:", "{").replace(">", "}")


def call(app: Flask, method: str, rule: str) -> Any:
    path = "/".join(ID if part.startswith("<id:") else part for part in rule.split("/"))
    return app.test_client().open(path, method=method)


def test_every_route_is_described(app: Flask) -> None:
    found = {(method, described(rule)) for method, rule in routes(app)}
    assert found - {("GET", "/openapi.json"), ("GET", "/docs")} == set(operations(app))


def test_what_is_not_open_to_all_is_refused_without_a_token(app: Flask) -> None:
    closed = [(method, rule) for method, rule in routes(app) if rule not in OPEN]
    assert ("PUT", "/goals/<id:goal_id>/extend") in closed
    assert {route: call(app, *route).status_code for route in closed} == dict.fromkeys(closed, 401)


def test_what_needs_a_token_is_described_so(app: Flask) -> None:
    needing = {path for (_, path), operation in operations(app).items() if operation["security"] == [{"token": []}]}
    assert needing == {described(rule) for _, rule in routes(app) if rule not in OPEN}


def test_what_is_for_streamers_alone_is_described_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Authenticator, "caller", lambda _self, _header: User(ID, frozenset()))
    refused = {
        described(rule)
        for method, rule in routes(app)
        if rule not in OPEN and (call(app, method, rule).get_json() or {}).get("code") == "scope_missing"
    }
    assert "/goals/{goal_id}/extend" in refused
    assert refused == {path for (_, path), operation in operations(app).items() if "scope_missing" in str(operation)}
