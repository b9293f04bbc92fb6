"""POST /admission/...: each media server asks as its own sources have it, and hears its own kind of answer."""

import base64
import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.app import create_app
from tests import factories
from tests.api.ticket_table import TicketForge

Documents = Database[dict[str, Any]]
KEYS = {"newer": "n" * 40}
SECRET = "s" * 32
YES, NO_TICKET, NO = (True, 0), (False, 401), (False, 403)


@dataclass(frozen=True)
class Viewer:
    """A viewer with a ticket; `ended` is another session's, whose time is over."""

    forge: TicketForge
    ended: TicketForge

    @property
    def session(self) -> str:
        return self.forge.sid

    @property
    def ticket(self) -> str:
        return self.forge.token()


@pytest.fixture(scope="module")
def app(servers: Stack, documents: Documents) -> Flask:
    return create_app(servers.settings | {"JWT_KEYS": json.dumps(KEYS), "ADMISSION_SECRET": SECRET})


@pytest.fixture(scope="module")
def viewer(documents: Documents) -> Viewer:
    viewer = Viewer(TicketForge(KEYS), TicketForge(KEYS))
    factories.session(documents, viewer.session, viewers={viewer.forge.sub: factories.permission(ends_in=250)})
    factories.session(documents, viewer.ended.sid, viewers={viewer.ended.sub: factories.permission(ends_in=-1)})
    return viewer


def post(app: Flask, server: str, body: Any, *, query: str = f"?secret={SECRET}", **headers: str) -> Any:
    kind = "application/x-www-form-urlencoded" if server == "nginx-rtmp" else "application/json"
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return app.test_client().post(f"/admission/{server}{query}", data=content, headers=named)


def verdict(answer: Any) -> tuple[int, tuple[bool, int]]:
    """The status and what the body says; a lifetime there is exactly where somebody is let in."""
    body = answer.get_json()
    lifetime = body["lifetime"]
    assert (type(lifetime) is int and 0 < lifetime <= 250_000) if body["allowed"] else lifetime is None
    return answer.status_code, (body["allowed"], body["code"])


def mediamtx(viewer: Viewer, **changes: Any) -> dict[str, Any]:
    """What authenticateHTTP of internal/auth/manager.go posts."""
    return {
        "ip": "203.0.113.9",
        "user": "",
        "password": "",
        "token": "",
        "action": "read",
        "path": f"live/{viewer.session}",
        "protocol": "webrtc",
        "id": "0b8f6a52-3d0e-4a53-9c0e-3f4f2f5c9a77",
        "query": f"ticket={viewer.ticket}",
        "userAgent": "Mozilla/5.0",
    } | changes


MEDIAMTX: dict[str, tuple[Any, int, tuple[bool, int]]] = {
    "a viewer by WebRTC": (lambda v: {}, 200, YES),
    "a viewer of HLS": (lambda v: {"protocol": "hls"}, 200, YES),
    "playback": (lambda v: {"action": "playback"}, 200, YES),
    "the ticket as a bearer": (lambda v: {"query": "", "token": v.ticket}, 200, YES),
    "the ticket in both places": (lambda v: {"token": v.ticket}, 200, YES),
    "the ticket behind other arguments": (lambda v: {"query": f"a=1&ticket={v.ticket}&b=2"}, 200, YES),
    "the session as the path": (lambda v: {"path": v.session}, 200, YES),
    "the first request without credentials": (lambda v: {"query": ""}, 401, NO_TICKET),
    "... and with a query of its own": (lambda v: {"query": "x=1"}, 401, NO_TICKET),
    "a password": (lambda v: {"query": "", "user": v.session, "password": v.ticket}, 401, NO_TICKET),
    "no session yet": (lambda v: {"id": None}, 200, (False, 0)),
    "no session yet and no ticket": (lambda v: {"id": None, "query": ""}, 401, NO_TICKET),
    "no session yet and no time": (
        lambda v: {"id": None, "path": v.ended.sid, "query": f"ticket={v.ended.token()}"},
        403,
        NO,
    ),
    "no time left": (lambda v: {"path": v.ended.sid, "query": f"ticket={v.ended.token()}"}, 403, NO),
    "a ticket for another stream": (lambda v: {"path": f"live/{v.ended.sid}"}, 403, NO),
    "a ticket that is none": (lambda v: {"query": "ticket=x"}, 403, NO),
    "two tickets": (lambda v: {"query": f"ticket={v.ticket}&ticket={v.forge.token(jti='other')}"}, 403, NO),
    "publishing": (lambda v: {"action": "publish"}, 403, NO),
    "its API": (lambda v: {"action": "api", "path": ""}, 403, NO),
    "its metrics": (lambda v: {"action": "metrics", "path": ""}, 403, NO),
    "an action that is no text": (lambda v: {"action": ["read"]}, 403, NO),
    "a path that is no text": (lambda v: {"path": [v.session]}, 403, NO),
    "a token that is no text": (lambda v: {"query": "", "token": {"a": 1}}, 401, NO_TICKET),
    "half a character": (lambda v: {"query": "", "token": "\ud800"}, 403, NO),
}


@pytest.mark.parametrize(("changes", "status", "said"), MEDIAMTX.values(), ids=MEDIAMTX)
def test_mediamtx_hears_by_the_status(
    app: Flask, viewer: Viewer, changes: Any, status: int, said: tuple[bool, int]
) -> None:
    answer = post(app, "mediamtx", mediamtx(viewer, **changes(viewer)))

    assert verdict(answer) == (status, said)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def srs(viewer: Viewer, **changes: Any) -> dict[str, Any]:
    """What on_play of srs_app_http_hooks.cpp posts."""
    return {
        "server_id": "vid-0xk989d",
        "service_id": "382a8x71",
        "action": "on_play",
        "client_id": "341w361a",
        "ip": "203.0.113.9",
        "vhost": "__defaultVhost__",
        "app": "live",
        "stream": viewer.session,
        "tcUrl": "rtmp://127.0.0.1:1935/live",
        "param": f"?ticket={viewer.ticket}",
        "pageUrl": "https://swag.live",
        "stream_url": f"/live/{viewer.session}",
        "stream_id": "vid-124q9y3",
    } | changes


def zlmediakit(viewer: Viewer, **changes: Any) -> dict[str, Any]:
    """What on_play of WebHook.cpp posts; it names no action."""
    return {
        "app": "live",
        "hook_index": 0,
        "id": "140186529001776",
        "ip": "203.0.113.9",
        "mediaServerId": "your_server_id",
        "params": f"ticket={viewer.ticket}",
        "port": 65284,
        "protocol": "http",
        "schema": "rtmp",
        "stream": viewer.session,
        "vhost": "__defaultVhost__",
    } | changes


SRS: dict[str, tuple[Any, tuple[bool, int]]] = {
    "a viewer": (srs, YES),
    "a viewer of ZLMediaKit": (zlmediakit, YES),
    "the session as the app": (lambda v: srs(v, app=v.session, stream="livestream"), YES),
    "the stream with its extension": (lambda v: srs(v, stream=f"{v.session}.flv"), YES),
    "no ticket": (lambda v: srs(v, param=""), NO_TICKET),
    "no ticket at ZLMediaKit": (lambda v: zlmediakit(v, params=""), NO_TICKET),
    "no time left": (lambda v: srs(v, stream=v.ended.sid, param=f"?ticket={v.ended.token()}"), NO),
    "a ticket for another stream": (lambda v: srs(v, stream=v.ended.sid), NO),
    "a ticket that is none": (lambda v: srs(v, param="?ticket=x"), NO),
    "two tickets": (lambda v: srs(v, param=f"?ticket={v.ticket}&ticket=x"), NO),
    "stopping": (lambda v: srs(v, action="on_stop"), (False, 0)),
    "publishing": (lambda v: srs(v, action="on_publish"), NO),
    "connecting": (lambda v: srs(v, action="on_connect"), NO),
    "an action that is no text": (lambda v: srs(v, action=1), NO),
    "a stream that is no text": (lambda v: srs(v, stream=None), NO),
    "a parameter that is no text": (lambda v: srs(v, param=["ticket"]), NO_TICKET),
}


@pytest.mark.parametrize(("body", "said"), SRS.values(), ids=SRS)
def test_srs_and_zlmediakit_hear_by_the_code(app: Flask, viewer: Viewer, body: Any, said: tuple[bool, int]) -> None:
    assert verdict(post(app, "srs", body(viewer))) == (200, said)


def ovenmediaengine(viewer: Viewer, **changes: Any) -> bytes:
    """What admission_webhooks.cpp posts, byte by byte: indented by tabs, with a space before each colon."""
    request = {
        "direction": "outgoing",
        "protocol": "webrtc",
        "status": "opening",
        "url": f"wss://media.example:3333/app/{viewer.session}?ticket={viewer.ticket}",
        "time": "2026-01-31T12:00:00.000Z",
    } | changes
    client = {"address": "203.0.113.9", "port": 29291, "real_ip": "203.0.113.9", "user_agent": "Mozilla/5.0"}
    return json.dumps({"client": client, "request": request}, indent="\t", separators=(",", " : ")).encode()


OME: dict[str, tuple[Any, tuple[bool, int]]] = {
    "a viewer by WebRTC": (lambda v: {}, YES),
    "a viewer of LL-HLS": (
        lambda v: {"protocol": "llhls", "url": f"https://m:3334/app/{v.session}/llhls.m3u8?ticket={v.ticket}"},
        YES,
    ),
    "the session with an extension": (lambda v: {"url": f"srt://m/app/{v.session}.x?ticket={v.ticket}"}, YES),
    "no ticket": (lambda v: {"url": f"ws://m/app/{v.session}"}, NO_TICKET),
    "no time left": (lambda v: {"url": f"ws://m/app/{v.ended.sid}?ticket={v.ended.token()}"}, NO),
    "a ticket for another stream": (lambda v: {"url": f"ws://m/app/{v.ended.sid}?ticket={v.ticket}"}, NO),
    "the session as the host": (lambda v: {"url": f"ws://{v.session}/app/x?ticket={v.ticket}"}, NO),
    "the session in the query": (lambda v: {"url": f"ws://m/app?/{v.session}&ticket={v.ticket}"}, NO),
    "two tickets": (lambda v: {"url": f"ws://m/app/{v.session}?ticket={v.ticket}&ticket=x"}, NO),
    "no address": (lambda v: {"url": None}, NO_TICKET),
    "closing": (lambda v: {"status": "closing"}, (False, 0)),
    "closing of a publisher": (lambda v: {"status": "closing", "direction": "incoming"}, (False, 0)),
    "publishing": (lambda v: {"direction": "incoming", "protocol": "rtmp"}, NO),
    "another status": (lambda v: {"status": "opened"}, NO),
    "no direction": (lambda v: {"direction": None}, NO),
}


@pytest.mark.parametrize(("changes", "said"), OME.values(), ids=OME)
def test_ovenmediaengine_hears_by_allowed(app: Flask, viewer: Viewer, changes: Any, said: tuple[bool, int]) -> None:
    body = ovenmediaengine(viewer, **changes(viewer))

    answer = post(app, "ovenmediaengine", body, query="", X_OME_Signature=sign(body))

    assert verdict(answer) == (200, said)
    assert isinstance(answer.get_json().get("reason"), str) == (said in (NO, NO_TICKET))


def test_a_lifetime_that_would_round_to_nothing_is_a_millisecond(
    app: Flask, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To OvenMediaEngine 0 is without limit, and so is a fraction."""
    admissions = app.extensions["swag_goals"].admissions
    soon_over = admissions.admit([viewer.ticket], [viewer.session])._replace(seconds_left=0.0004)
    monkeypatch.setattr(type(admissions), "admit", lambda *_: soon_over)
    body = ovenmediaengine(viewer)

    answer = post(app, "ovenmediaengine", body, query="", X_OME_Signature=sign(body))

    assert answer.data.strip() == b'{"allowed":true,"lifetime":1,"code":0}'


def sign(body: bytes, secret: str = SECRET, digest: str = "sha1") -> str:
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), body, digest)).decode().rstrip("=")


SIGNATURES: dict[str, tuple[Any, int]] = {
    "without padding": (sign, 200),
    "with padding": (lambda body: sign(body) + "=", 200),
    "with too much of it": (lambda body: sign(body) + "==", 403),
    "of the same JSON written otherwise": (lambda body: sign(json.dumps(json.loads(body)).encode()), 403),
    "with another secret": (lambda body: sign(body, "t" * 32), 403),
    "with an empty secret": (lambda body: sign(body, ""), 403),
    "by SHA-256": (lambda body: sign(body, digest="sha256"), 403),
    "in hex": (lambda body: hmac.digest(SECRET.encode(), body, "sha1").hex(), 403),
    "with its name": (lambda body: f"sha1={sign(body)}", 403),
    "cut short": (lambda body: sign(body)[:-1], 403),
    "empty": (lambda body: "", 403),
    "a padding alone": (lambda body: "=", 403),
    "no text": (lambda body: "\xff\xfe", 403),
    "the secret itself": (lambda body: SECRET, 403),
}


@pytest.mark.parametrize(("signature", "status"), SIGNATURES.values(), ids=SIGNATURES)
def test_a_signature_is_over_the_very_bytes(app: Flask, viewer: Viewer, signature: Any, status: int) -> None:
    body = ovenmediaengine(viewer)

    assert post(app, "ovenmediaengine", body, X_OME_Signature=signature(body)).status_code == status


def test_without_a_signature_no_secret_helps(app: Flask, viewer: Viewer) -> None:
    assert post(app, "ovenmediaengine", ovenmediaengine(viewer), X_Admission_Secret=SECRET).status_code == 403


def nginx_rtmp(viewer: Viewer, call: str = "play", arguments: str | None = None, **changes: str) -> bytes:
    """What ngx_rtmp_notify_module.c posts: its own fields, and behind them the viewer's arguments as they are."""
    session = {
        "app": "live",
        "flashver": "LNX 9,0,124,2",
        "swfurl": "",
        "tcurl": "rtmp://127.0.0.1:1935/live",
        "pageurl": "",
        "addr": "203.0.113.9",
        "clientid": "1",
    }
    fields = {"call": call, "name": viewer.session, "start": "4294965296", "duration": "0", "reset": "0"} | changes
    arguments = f"ticket={viewer.ticket}" if arguments is None else arguments
    return "&".join(filter(None, (urlencode(session | fields, quote_via=quote), arguments))).encode()


NGINX_RTMP: dict[str, tuple[Any, int]] = {
    "a viewer who begins": (nginx_rtmp, 200),
    "a viewer who goes on": (lambda v: nginx_rtmp(v, "update_play"), 200),
    "a publisher who begins": (lambda v: nginx_rtmp(v, "publish", ""), 200),
    "a publisher who goes on": (lambda v: nginx_rtmp(v, "update_publish", ""), 200),
    "no ticket": (lambda v: nginx_rtmp(v, arguments=""), 403),
    "no ticket any more": (lambda v: nginx_rtmp(v, "update_play", ""), 403),
    "no time left": (lambda v: nginx_rtmp(v, name=v.ended.sid, arguments=f"ticket={v.ended.token()}"), 403),
    "no time left any more": (
        lambda v: nginx_rtmp(v, "update_play", name=v.ended.sid, arguments=f"ticket={v.ended.token()}"),
        403,
    ),
    "a ticket for another stream": (lambda v: nginx_rtmp(v, name=v.ended.sid), 403),
    "a viewer who names another stream behind": (
        lambda v: nginx_rtmp(v, name=v.ended.sid, arguments=f"name={v.session}&ticket={v.ticket}"),
        403,
    ),
    "a viewer who names another app behind": (
        lambda v: nginx_rtmp(v, name=v.ended.sid, arguments=f"app={v.session}&ticket={v.ticket}"),
        403,
    ),
    "a viewer who says to publish behind": (lambda v: nginx_rtmp(v, arguments="call=update_publish"), 403),
    "two tickets": (lambda v: nginx_rtmp(v, arguments=f"ticket={v.ticket}&ticket=x"), 403),
    "connecting": (lambda v: nginx_rtmp(v, "connect"), 403),
    "neither the one nor the other": (lambda v: nginx_rtmp(v, "update"), 403),
    "nothing": (lambda v: b"", 403),
}


@pytest.mark.parametrize(("body", "status"), NGINX_RTMP.values(), ids=NGINX_RTMP)
def test_nginx_rtmp_hears_by_the_status(app: Flask, viewer: Viewer, body: Any, status: int) -> None:
    assert post(app, "nginx-rtmp", body(viewer)).status_code == status


BODIES: dict[str, Any] = {"mediamtx": mediamtx, "srs": srs, "nginx-rtmp": nginx_rtmp}
by_secret = pytest.mark.parametrize("server", BODIES)


@by_secret
def test_the_secret_is_shown_as_a_header_or_once_in_the_address(app: Flask, viewer: Viewer, server: str) -> None:
    body = BODIES[server](viewer)

    assert post(app, server, body).status_code == 200
    assert post(app, server, body, query="", X_Admission_Secret=SECRET).status_code == 200
    for query in ("", "?secret=", f"?secret={SECRET}&secret={SECRET}", f"?secret={'t' * 32}", f"?SECRET={SECRET}"):
        answer = post(app, server, body, query=query)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "asker_unknown"), query
    assert post(app, server, body, X_Admission_Secret="t" * 32).status_code == 403


@pytest.mark.parametrize("server", ["mediamtx", "srs", "ovenmediaengine"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b"{",
        b"\xff",
        b'{"a":' * 1600,
        b"[" * 8192,
        b"9" * 8192,
        b'{"a": NaN',
    ],
    ids=lambda body: body[:9].hex(),
)
def test_what_is_no_object_is_refused(app: Flask, server: str, body: bytes) -> None:
    answer = post(app, server, body, X_OME_Signature=sign(body))

    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("request_", [None, [], "x", 1])
def test_a_question_of_ovenmediaengine_without_a_request_is_refused(app: Flask, request_: Any) -> None:
    body = json.dumps({"request": request_}).encode()

    assert post(app, "ovenmediaengine", body, query="", X_OME_Signature=sign(body)).status_code == 400


@pytest.mark.parametrize("server", [*BODIES, "ovenmediaengine"])
def test_a_body_has_8_kib_at_the_most(app: Flask, viewer: Viewer, server: str) -> None:
    makers: dict[str, Any] = {**BODIES, "ovenmediaengine": ovenmediaengine}
    made = makers[server](viewer)
    body = made if isinstance(made, bytes) else json.dumps(made).encode()
    filler = b"&" if server == "nginx-rtmp" else b" "
    longest = body + filler * (8192 - len(body))

    assert post(app, server, longest, X_OME_Signature=sign(longest)).status_code == 200
    longer = longest + filler
    answer = post(app, server, longer, X_OME_Signature=sign(longer))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body_too_large")
