"""The rules of admission, by the app's own client: which tickets are good, for which stream, and who may ask.

tests/api holds the same of a session in MongoDB; here a rule that is left out is noticed within a second.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId, Timestamp
from flask import Flask
from flask.testing import FlaskClient
from pymongo import _csot
from pymongo.errors import AutoReconnect

from swag_goals.app import create_app
from swag_goals.auth import revocations, tickets
from swag_goals.auth.revocations import Revocations
from swag_goals.documents.session import Session
from swag_goals.documents.snapshot import Snapshot
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services import admission, known_permissions
from swag_goals.time_limits import LOOKUP_TIMEOUT
from tests.api.forge import Forge
from tests.api.test_media_servers import (
    MEDIAMTX,
    NGINX_RTMP,
    OME,
    SIGNATURES,
    SRS,
    Viewer,
    mediamtx,
    ovenmediaengine,
    post,
    sign,
    verdict,
)
from tests.api.ticket_table import BAD_TICKETS, GOOD_TICKETS, TicketForge
from tests.unit.test_settings import GOOD

KEYS = {"older": "o" * 40, "newer": "n" * 40}
SECRET = "s" * 32
REVOKED = "revoked"


@pytest.fixture(scope="module")
def viewer() -> Viewer:
    return Viewer(TicketForge(KEYS), TicketForge(KEYS))


@pytest.fixture(scope="module")
def app(viewer: Viewer) -> Iterator[Flask]:
    """The app with the secret; it knows one revoked ticket, the viewer's two sessions, and no server."""

    def read(revocations: Revocations) -> None:
        revocations._revoked, revocations._read_at = {REVOKED}, time.monotonic()

    def permission(ends_in: float) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {"nbf": now - timedelta(seconds=300), "duration": 300, "exp": now + timedelta(seconds=ends_in)}

    def snapshots(ids: list[ObjectId], _after: Timestamp | None) -> tuple[dict[str, Snapshot], Timestamp]:
        viewers = {
            viewer.session: {viewer.forge.sub: permission(250)},
            viewer.ended.sid: {viewer.ended.sub: permission(-1)},
        }
        now = datetime.now(UTC)
        return {str(each): Snapshot(1, now, viewers.get(str(each))) for each in ids}, Timestamp(1, 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("swag_goals.app.connect_mongodb", lambda _uri: None)
        patch.setattr("swag_goals.app.configure_logs", lambda: None)
        patch.setattr(Revocations, "_read", read)
        patch.setattr(Session, "snapshots", snapshots)
        patch.setattr(Enqueuer, "send_counts", lambda _self: None)
        yield create_app({**GOOD, "JWT_KEYS": json.dumps(KEYS), "ADMISSION_SECRET": SECRET})


def asked(app: Flask, uri: str, **headers: str) -> int:
    sent = {"X-Admission-Secret": SECRET, "X-Forwarded-Uri": uri}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer: int = app.test_client(use_cookies=False).get("/admission", headers=sent).status_code
    return answer


def at(viewer: Viewer, ticket: str) -> str:
    return f"/live/{viewer.session}/index.m3u8?ticket={ticket}"


def test_every_good_ticket_is_one_and_no_bad_one_is(app: Flask, viewer: Viewer) -> None:
    good = {name: asked(app, at(viewer, case(viewer.forge))) for name, case in GOOD_TICKETS.items()}
    path = f"/live/{viewer.session}/index.m3u8"
    shown = {name: case(viewer.forge).encode().decode("latin1") for name, case in BAD_TICKETS.items()}
    bad = {name: asked(app, path, Authorization=f"Bearer {ticket}") for name, ticket in shown.items()}

    assert good == dict.fromkeys(GOOD_TICKETS, 204)
    assert bad == dict.fromkeys(BAD_TICKETS, 401)


def test_a_revoked_one_is_none_also_for_a_process_that_has_read_no_revocations_yet(
    app: Flask, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    its = app.extensions["swag_goals"].admissions._revocations
    monkeypatch.setattr(its, "_revoked", set())
    monkeypatch.setattr(its, "_read_at", float("-inf"))

    assert asked(app, at(viewer, viewer.forge.token(jti=REVOKED))) == 401


def test_of_what_nobody_signed_nothing_is_read(app: Flask, viewer: Viewer) -> None:
    """Anybody can make it, and to read it costs several times as much as to refuse it."""
    unsigned = viewer.forge.signed(viewer.forge.header(x="y"), viewer.forge.claims(), "x" * 64)
    before = tickets._kid.cache_info()

    assert asked(app, at(viewer, unsigned)) == 401

    assert tickets._kid.cache_info() == before


def test_what_is_remembered_of_tickets_is_bounded_and_nothing_of_bad_ones(
    app: Flask, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "MAX_KEPT", 10)
    known = app.extensions["swag_goals"].admissions._tickets
    for number in range(30):
        assert asked(app, at(viewer, viewer.forge.token(jti=f"of-{number}"))) == 204
        assert 0 < len(known) <= 10
    known.clear()

    assert asked(app, at(viewer, viewer.forge.token(aud="api.swag.live"))) == 401

    assert not known


def test_a_ticket_begins_by_mongodbs_clock(app: Flask, viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "server_time", lambda: datetime(2026, 1, 31, 12, tzinfo=UTC))
    headers = {"Authorization": f"Bearer {Forge(KEYS).token()}"}

    issued = app.test_client().post(f"/sessions/{viewer.session}/tickets", headers=headers).get_json()

    assert issued["expires_at"] == "2026-02-01T00:00:00.000Z"


def test_while_mongodb_is_away_who_is_known_goes_on_by_what_is_known_of_revocations(
    app: Flask, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(app, at(viewer, viewer.ticket)) == 204
    for module, name in (
        (admission, "YES_FRESH"),
        (known_permissions, "YES_FRESH"),
        (revocations, "REVOCATIONS_FRESH"),
    ):
        monkeypatch.setattr(module, name, timedelta(0))
    monkeypatch.setattr(revocations, "MAX_REVOCATION", timedelta(0))
    known = app.extensions["swag_goals"].admissions._permissions
    monkeypatch.setattr(known, "_rests_until", 0.0)  # and put it back: the next test's MongoDB is there

    def away(*_: Any) -> Any:
        assert deadline_in() <= LOOKUP_TIMEOUT.total_seconds()  # a proxy gives up after a second
        raise AutoReconnect

    monkeypatch.setattr(Session, "snapshots", away)

    assert asked(app, at(viewer, viewer.ticket)) == 204
    assert asked(app, at(viewer, viewer.forge.token(jti=REVOKED))) == 401


def deadline_in() -> float:
    """Seconds that MongoDB has for what is asked now."""
    return _csot.remaining() or float("inf")


def test_a_revoked_ticket_is_none(app: Flask, viewer: Viewer) -> None:
    assert asked(app, at(viewer, viewer.ticket)) == 204
    assert asked(app, at(viewer, viewer.forge.token(jti=REVOKED))) == 401


def test_a_ticket_is_for_its_own_session(app: Flask, viewer: Viewer) -> None:
    assert asked(app, f"/live/{viewer.ended.sid}/index.m3u8?ticket={viewer.ticket}") == 401
    assert asked(app, f"/live/{viewer.session}/../x?ticket={viewer.ticket}") == 401
    assert asked(app, f"/live/x?session={viewer.session}&ticket={viewer.ticket}") == 401


def test_two_tickets_are_none(app: Flask, viewer: Viewer) -> None:
    other = viewer.forge.token(jti="other")
    assert asked(app, f"{at(viewer, viewer.ticket)}&ticket={other}") == 401


def test_two_addresses_are_none(app: Flask, viewer: Viewer) -> None:
    """One of them may be the viewer's own."""
    uri = at(viewer, viewer.ticket)
    assert asked(app, uri, X_Original_URI=uri) == 204
    assert asked(app, uri, X_Original_URI="/live/x") == 401


def test_whose_time_is_over_and_who_has_bought_none_is_refused(app: Flask, viewer: Viewer) -> None:
    assert asked(app, f"/live/{viewer.ended.sid}?ticket={viewer.ended.token()}") == 403
    stranger = TicketForge(KEYS, sid=viewer.session)
    assert asked(app, at(viewer, stranger.token())) == 403


def test_who_asks_shows_the_secret(app: Flask, viewer: Viewer) -> None:
    uri = at(viewer, viewer.ticket)
    assert [asked(app, uri, X_Admission_Secret=sent) for sent in ("", "t" * 32, SECRET[1:], SECRET + "s")] == [403] * 4
    assert post(app, "mediamtx", mediamtx(viewer)).status_code == 200
    for query in ("", f"?secret={SECRET}&secret={SECRET}", f"?secret={'t' * 32}"):
        assert post(app, "mediamtx", mediamtx(viewer), query=query).status_code == 403


def test_a_signature_is_over_the_very_bytes(app: Flask, viewer: Viewer) -> None:
    body = ovenmediaengine(viewer)
    statuses = {
        name: post(app, "ovenmediaengine", body, X_OME_Signature=made(body)).status_code
        for name, (made, _) in SIGNATURES.items()
    }
    assert statuses == {name: status for name, (_, status) in SIGNATURES.items()}


def test_each_media_server_hears_its_own_kind_of_answer(app: Flask, viewer: Viewer) -> None:
    def oven(changes: Any) -> Any:
        body = ovenmediaengine(viewer, **changes(viewer))
        return post(app, "ovenmediaengine", body, query="", X_OME_Signature=sign(body))

    for name, (changes, status, said) in MEDIAMTX.items():
        assert verdict(post(app, "mediamtx", mediamtx(viewer, **changes(viewer)))) == (status, said), name
    for name, (body, said) in SRS.items():
        assert verdict(post(app, "srs", body(viewer))) == (200, said), name
    for name, (changes, said) in OME.items():
        assert verdict(oven(changes)) == (200, said), name
    for name, (body, status) in NGINX_RTMP.items():
        assert post(app, "nginx-rtmp", body(viewer)).status_code == status, name


def test_a_ticket_is_no_token(app: Flask, viewer: Viewer) -> None:
    client: FlaskClient = app.test_client()
    headers = {"Authorization": f"Bearer {viewer.ticket}"}
    assert client.post("/pusher/auth", headers=headers).status_code == 401
