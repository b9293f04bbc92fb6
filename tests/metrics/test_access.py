"""/metrics is for Prometheus: by its token, without that setting to this very machine only."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from dev.stack.stack import Stack
from swag_goals.app import create_app

TOKEN = "of-prometheus-alone"


@pytest.fixture(scope="session")
def guarded(app: Flask, servers: Stack) -> Flask:
    """The app with METRICS_TOKEN."""
    return create_app(servers.settings | {"METRICS_TOKEN": TOKEN})


def ask(app: Flask, peer: str, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/metrics", headers=sent, environ_overrides={"REMOTE_ADDR": peer})


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_needs_no_token_where_none_is_set(app: Flask, peer: str) -> None:
    answer = ask(app, peer)

    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")


@pytest.mark.parametrize("peer", ["10.0.0.1", "203.0.113.9", "2001:db8::1", "::ffff:10.0.0.1", ""])
def test_others_are_refused_where_no_token_is_set(app: Flask, peer: str) -> None:
    assert ask(app, peer).status_code == 403
    assert ask(app, peer, Authorization=f"Bearer {TOKEN}").status_code == 403


@pytest.mark.parametrize("header", ["Forwarded", "X_Forwarded_For", "X_Forwarded_Host", "X_Real_IP", "Via"])
@pytest.mark.parametrize("sent", ["203.0.113.9", "127.0.0.1", ""])
def test_a_proxy_on_this_machine_is_not_this_machine(app: Flask, guarded: Flask, header: str, sent: str) -> None:
    assert ask(app, "127.0.0.1", **{header: sent}).status_code == 403
    assert ask(guarded, "127.0.0.1", Authorization=f"Bearer {TOKEN}", **{header: sent}).status_code == 200


@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Real_IP", "Forwarded", "Client_IP"])
def test_nobody_becomes_this_machine_by_saying_so(app: Flask, header: str) -> None:
    assert ask(app, "203.0.113.9", **{header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
def test_the_token_opens_from_everywhere(guarded: Flask, peer: str) -> None:
    assert ask(guarded, peer, Authorization=f"Bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}é"])
def test_where_a_token_is_set_this_machine_needs_it_too(guarded: Flask, sent: str) -> None:
    answer = ask(guarded, "127.0.0.1", Authorization=sent)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
