"""The rules of the front door, by the app's own client: whom it lets in, which pages, and who reads the metrics.

tests/api holds the same of a running web; here a rule that is left out is noticed within a second.
"""

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from swag_goals.api import metrics
from swag_goals.app import create_app
from swag_goals.auth.revocations import Revocations
from tests.api.forge import Forge
from tests.api.token_table import BAD_HEADERS, BAD_TOKENS, GOOD_HEADERS, GOOD_TOKENS, Case
from tests.unit.test_settings import GOOD

KEYS = {name: secrets.token_hex(32) for name in ("older", "newer")}
ORIGINS = ("https://swag.live", "https://m.swag.live:8443", "capacitor://localhost")
TOKEN = "of-prometheus-alone"
REVOKED = "revoked"


@pytest.fixture(scope="module")
def door() -> Iterator[Flask]:
    """The app with two keys and three origins; it knows one revoked token, and no server."""

    def read(revocations: Revocations) -> None:
        revocations._revoked, revocations._read_at = {REVOKED}, time.monotonic()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("swag_goals.app.connect_mongodb", lambda _uri: None)
        patch.setattr("swag_goals.app.configure_logs", lambda: None)
        patch.setattr(Revocations, "_read", read)
        patch.setattr(metrics._Metrics, "collect", lambda _: iter(()))
        yield create_app({**GOOD, "JWT_KEYS": json.dumps(KEYS), "CORS_ORIGINS": ",".join(ORIGINS)})


@pytest.fixture
def client(door: Flask) -> FlaskClient:
    return door.test_client()


@pytest.fixture
def forge() -> Forge:
    return Forge(KEYS)


def statuses(client: FlaskClient, forge: Forge, cases: dict[str, Case], scheme: str = "") -> dict[str, int]:
    """What each is answered by a view for whom a good token is enough, and then asks for more than is sent."""
    return {
        name: client.post("/pusher/auth", headers={"Authorization": f"{scheme}{case(forge)}"}).status_code
        for name, case in cases.items()
    }


def test_every_good_token_is_let_in(client: FlaskClient, forge: Forge) -> None:
    assert statuses(client, forge, GOOD_TOKENS, "Bearer ") == dict.fromkeys(GOOD_TOKENS, 400)
    assert statuses(client, forge, GOOD_HEADERS) == dict.fromkeys(GOOD_HEADERS, 400)


def test_no_bad_one_is(client: FlaskClient, forge: Forge) -> None:
    assert statuses(client, forge, BAD_TOKENS, "Bearer ") == dict.fromkeys(BAD_TOKENS, 401)
    assert statuses(client, forge, BAD_HEADERS) == dict.fromkeys(BAD_HEADERS, 401)


def test_nor_a_revoked_one(client: FlaskClient, forge: Forge) -> None:
    assert statuses(client, forge, {"revoked": lambda f: f.token(jti=REVOKED)}, "Bearer ") == {"revoked": 401}


def test_what_nobody_signed_is_not_remembered(door: Flask, client: FlaskClient, forge: Forge) -> None:
    """Anybody can make such a token, and would push good ones out."""
    known = door.extensions["swag_goals"].authenticator._verify
    before = known.cache_info().currsize

    statuses(client, forge, {"unsigned": lambda f: f.signed(f.header(), f.claims(), "x" * 64)}, "Bearer ")

    assert known.cache_info().currsize == before


def test_only_creators_extend(client: FlaskClient, forge: Forge) -> None:
    def extended(*scopes: str) -> int:
        token = forge.token(scopes=list(scopes))
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "not a key"}
        return client.put(f"/goals/{'a' * 24}/extend", headers=headers).status_code

    assert extended("CREATOR") == 400
    assert [extended(*scopes) for scopes in ((), ("creator",), ("NOTCREATORX",), ("PAID", "HUMAN"))] == [403] * 4


@pytest.mark.parametrize("name", ["Idempotency-Key", "X-Request-ID"])
@pytest.mark.parametrize("key", ["", "a b", "a,b", "a" * 201, '"', '""', "ä", "a/b"])
def test_a_malformed_key_is_refused(client: FlaskClient, forge: Forge, name: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {forge.token()}", name: key}
    assert client.put(f"/goals/{'a' * 24}/extend", headers=headers).status_code == 400


def cors(client: FlaskClient, origin: str, sent: str = "authorization") -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": sent}
    answer = client.options("/goals/x/extend", headers=asked)
    return {name: value for name, value in answer.headers if name.lower().startswith("access-control-")}


def test_exactly_the_pages_of_ours_may_call(client: FlaskClient) -> None:
    foreign = (
        *("https://evil.example", "https://www.swag.live", "https://swag.live.evil.example", "https://evilswag.live"),
        *("https://swagxlive", "http://swag.live", "https://swag.live:8443", "https://SWAG.live", "null", "*", ""),
    )
    assert [cors(client, origin).get("Access-Control-Allow-Origin") for origin in ORIGINS] == list(ORIGINS)
    assert [cors(client, origin) for origin in foreign] == [{}] * len(foreign)


def test_they_may_send_and_read_what_the_call_has_and_no_cookie(client: FlaskClient) -> None:
    allowed = cors(client, ORIGINS[0], "idempotency-key,x-request-id,pragma")
    assert "Access-Control-Allow-Credentials" not in allowed
    assert allowed["Access-Control-Allow-Headers"] == "idempotency-key, pragma, x-request-id"
    assert "Access-Control-Allow-Headers" not in cors(client, ORIGINS[0], "x-evil,authorizationx")
    read = client.put("/goals/x/extend", headers={"Origin": ORIGINS[0]}).headers["Access-Control-Expose-Headers"]
    assert {"Location", "X-Request-ID", "Idempotent-Replayed", "Retry-After"} <= set(read.split(", "))


def scraped(client: FlaskClient, peer: str = "127.0.0.1", **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/metrics", headers=sent, environ_overrides={"REMOTE_ADDR": peer}).status_code


def test_without_a_token_for_them_this_machine_alone_reads_the_metrics(client: FlaskClient) -> None:
    assert [scraped(client, peer) for peer in ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1")] == [200] * 4
    assert [scraped(client, peer) for peer in ("10.0.0.1", "203.0.113.9", "2001:db8::1", "")] == [403] * 4
    for proxy in ("Forwarded", "X_Forwarded_For", "X_Forwarded_Host", "X_Real_IP", "Via"):
        assert scraped(client, **{proxy: "127.0.0.1"}) == 403


def test_with_one_whoever_has_it_does(door: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = door.extensions["swag_goals"]
    guarded = replace(parts, settings=replace(parts.settings, metrics_token=TOKEN))
    monkeypatch.setitem(door.extensions, "swag_goals", guarded)

    assert scraped(client, "203.0.113.9", Authorization=f"Bearer {TOKEN}") == 200
    for sent in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"):
        assert scraped(client, Authorization=sent) == 401
