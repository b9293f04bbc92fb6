"""Tickets and GET /admission: who is let in, by which ticket, at which address, for whom, and for how long."""

import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from bson import ObjectId
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.api.docs import operations
from swag_goals.app import create_app
from swag_goals.auth import revocations
from swag_goals.time_limits import MAX_REVOCATION
from tests import factories
from tests.api.ticket_table import BAD_TICKETS, GOOD_TICKETS, TicketForge
from tests.api.token_table import Case
from tests.eventually import eventually
from tests.factories import OneToOne
from tests.metrics.exposition import samples

Documents = Database[dict[str, Any]]
KEYS = {"older": "o" * 40, "newer": "n" * 40}
SECRET = {"X-Admission-Secret": "s" * 32}


@pytest.fixture(scope="module")
def app(servers: Stack, documents: Documents) -> Flask:
    settings = {"JWT_KEYS": json.dumps(KEYS), "ADMISSION_SECRET": "s" * 32}
    return create_app(servers.settings | settings)


@pytest.fixture(scope="module")
def forge(documents: Documents) -> TicketForge:
    """Of a viewer who has time left."""
    forge = TicketForge(KEYS)
    factories.session(documents, forge.sid, viewers={forge.sub: factories.permission(ends_in=250)})
    return forge


def ask(app: Flask, uri: str, **headers: str) -> Any:
    """As Caddy asks; `headers` (underscores for dashes) come on top."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = app.test_client(use_cookies=False)  # it would send its own and not the header's
    return client.get("/admission", headers={**SECRET, "X-Forwarded-Uri": uri, **named})


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.data or "{}").get("code", "")


def at(forge: TicketForge, ticket: str | None = None) -> str:
    return f"/live/{forge.sid}/index.m3u8?ticket={quote(forge.token() if ticket is None else ticket)}"


def test_a_viewer_with_time_left_may_watch_and_the_proxy_hears_who_and_until_when(
    app: Flask, forge: TicketForge, documents: Documents
) -> None:
    answer = ask(app, at(forge))

    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["X-Viewer-Id"] == forge.sub
    session = documents["session"].find_one({"_id": ObjectId(forge.sid)})
    assert session
    assert datetime.fromisoformat(answer.headers["X-Permission-Expires"]) == session["viewers"][forge.sub]["exp"]


def test_it_writes_nothing(app: Flask, forge: TicketForge, documents: Documents) -> None:
    before = list(documents["session"].find({"_id": ObjectId(forge.sid)}))

    assert ask(app, at(forge)).status_code == 204

    assert list(documents["session"].find({"_id": ObjectId(forge.sid)})) == before


@pytest.mark.parametrize("case", GOOD_TICKETS.values(), ids=GOOD_TICKETS)
def test_a_good_ticket_is_one(app: Flask, forge: TicketForge, case: Case) -> None:
    assert ask(app, at(forge, case(forge))).status_code == 204


@pytest.mark.parametrize("case", BAD_TICKETS.values(), ids=BAD_TICKETS)
def test_a_hostile_ticket_is_none_wherever_it_is_shown(app: Flask, forge: TicketForge, case: Case) -> None:
    assert ask(app, at(forge)).status_code == 204  # what is known of the viewer helps nobody
    ticket = case(forge)
    path = f"/live/{forge.sid}/index.m3u8"
    as_header = ticket.encode().decode("latin1")

    shown = [
        ask(app, at(forge, ticket)),
        ask(app, path, Authorization=f"Bearer {as_header}"),
        ask(app, path, Cookie=f"ticket={quote(ticket)}"),
    ]

    assert {outcome(answer) for answer in shown} == {(401, "ticket_invalid")}


def test_a_ticket_is_shown_in_the_address_as_a_bearer_or_as_a_cookie(app: Flask, forge: TicketForge) -> None:
    path, ticket = f"/live/{forge.sid}/index.m3u8", forge.token()

    assert ask(app, f"{path}?ticket={ticket}").status_code == 204
    assert ask(app, f"{path}?_HLS_msn=1&ticket={ticket}&x=y").status_code == 204
    assert ask(app, path, Authorization=f"Bearer {ticket}").status_code == 204
    assert ask(app, path, Cookie=f"theme=dark; ticket={ticket}").status_code == 204
    assert ask(app, path, X_Ticket=ticket).status_code == 401
    assert app.test_client().get(f"/admission?ticket={ticket}", headers=SECRET).status_code == 401


def test_of_tickets_in_several_places_the_one_in_the_address_counts(app: Flask, forge: TicketForge) -> None:
    path, good = f"/live/{forge.sid}/index.m3u8", forge.token()
    bad = TicketForge(KEYS).token()

    assert ask(app, f"{path}?ticket={good}", Authorization=f"Bearer {bad}", Cookie=f"ticket={bad}").status_code == 204
    assert ask(app, f"{path}?ticket={bad}", Authorization=f"Bearer {good}", Cookie=f"ticket={good}").status_code == 401
    assert ask(app, path, Authorization=f"Bearer {bad}", Cookie=f"ticket={good}").status_code == 401
    assert ask(app, path, Authorization="Basic eDp5", Cookie=f"ticket={good}").status_code == 204


def test_two_tickets_in_one_place_are_none(app: Flask, forge: TicketForge) -> None:
    path, good, other = f"/live/{forge.sid}/index.m3u8", forge.token(), forge.token(jti="other")

    assert ask(app, f"{path}?ticket={good}&ticket={other}").status_code == 401
    assert ask(app, path, Authorization=f"Bearer {good}, Bearer {other}").status_code == 401
    assert ask(app, path, Cookie=f"ticket={good}; ticket={other}").status_code == 401


def test_a_ticket_is_for_its_own_session_alone(app: Flask, forge: TicketForge, documents: Documents) -> None:
    other = factories.new_id()
    factories.session(documents, other, viewers={forge.sub: factories.permission(ends_in=250)})

    assert outcome(ask(app, f"/live/{other}/index.m3u8?ticket={forge.token()}")) == (401, "ticket_invalid")
    assert ask(app, f"/live/{forge.sid}/../{other}/index.m3u8?ticket={forge.token()}").status_code == 401
    assert ask(app, f"http://{forge.sid}/{other}/index.m3u8?ticket={forge.token()}").status_code == 401


def test_the_header_of_the_viewer_s_own_does_not_count_beside_the_proxy_s(app: Flask, forge: TicketForge) -> None:
    other = f"/live/{factories.new_id()}/index.m3u8"

    assert ask(app, other, X_Original_URI=at(forge)).status_code == 401
    assert ask(app, at(forge), X_Original_URI=other).status_code == 401
    same = at(forge)
    assert ask(app, same, X_Original_URI=same).status_code == 204
    alone = app.test_client().get("/admission", headers={**SECRET, "X-Original-URI": same})
    assert alone.status_code == 204


PERMISSIONS: dict[str, tuple[Any, int]] = {
    "none": (..., 403),
    "used up": (factories.permission(ends_in=-0.001), 403),
    "not begun": (
        {"nbf": factories.seconds_from_now(3600), "duration": 60, "exp": factories.seconds_from_now(3660)},
        403,
    ),
    "without a beginning": ({"exp": factories.seconds_from_now(3600)}, 204),
    "without an end": ({"nbf": factories.seconds_from_now(-60), "duration": 60}, 403),
    "unreadable": ([], 403),
    "with an end that is no date": ({"exp": 4102444800}, 403),
    "in the year 9999": ({"exp": datetime(9999, 12, 31, tzinfo=UTC)}, 204),
}


@pytest.mark.parametrize(("permission", "status"), PERMISSIONS.values(), ids=PERMISSIONS)
def test_time_is_what_the_permission_says(app: Flask, documents: Documents, permission: Any, status: int) -> None:
    forge = TicketForge(KEYS)
    factories.session(documents, forge.sid, viewers={} if permission is ... else {forge.sub: permission})

    assert outcome(ask(app, at(forge))) == (status, "no_time_left" if status == 403 else "")


@pytest.mark.parametrize("viewers", [..., None, [], "x", {"$ref": "a", "$id": 1}], ids=str)
def test_a_session_with_unreadable_viewers_or_none_has_nobody(app: Flask, documents: Documents, viewers: Any) -> None:
    forge = TicketForge(KEYS)
    factories.session(documents, forge.sid, **({} if viewers is ... else {"viewers": viewers}))

    assert outcome(ask(app, at(forge))) == (403, "no_time_left")


def test_a_session_that_does_not_exist_has_nobody(app: Flask) -> None:
    assert outcome(ask(app, at(TicketForge(KEYS)))) == (403, "no_time_left")


def test_a_ticket_is_good_before_the_first_second_is_bought_and_after_each_extension(
    app: Flask, documents: Documents
) -> None:
    forge = TicketForge(KEYS)
    uri = at(forge)
    assert ask(app, uri).status_code == 403

    factories.session(documents, forge.sid, viewers={forge.sub: factories.permission(ends_in=2)})
    eventually(lambda: ask(app, uri).status_code == 204, within=2)
    eventually(lambda: ask(app, uri).status_code == 403, within=5)
    change = {"$set": {f"viewers.{forge.sub}.exp": factories.seconds_from_now(60)}}
    documents["session"].update_one({"_id": ObjectId(forge.sid)}, change)
    eventually(lambda: ask(app, uri).status_code == 204, within=5)


WRONG_SECRETS: dict[str, dict[str, str]] = {
    "none": {},
    "empty": {"X-Admission-Secret": ""},
    "another": {"X-Admission-Secret": "t" * 32},
    "longer": {"X-Admission-Secret": "s" * 33},
    "twice": {"X-Admission-Secret": "s" * 32 + ", " + "s" * 32},
    "as a bearer": {"Authorization": "Bearer " + "s" * 32},
    "no text": {"X-Admission-Secret": "\xff" * 32},
}


@pytest.mark.parametrize("headers", WRONG_SECRETS.values(), ids=WRONG_SECRETS)
def test_who_does_not_know_the_secret_is_not_answered(app: Flask, forge: TicketForge, headers: dict[str, str]) -> None:
    query = "?secret=" + "s" * 32  # with Caddy this is the viewer's own

    answer = app.test_client().get(f"/admission{query}", headers={**headers, "X-Forwarded-Uri": at(forge)})

    assert outcome(answer) == (403, "asker_unknown")


def test_without_the_setting_nothing_of_it_is_found(servers: Stack, documents: Documents) -> None:
    client = FlaskClient(create_app(servers.settings | {"ADMISSION_SECRET": ""}))  # the description has them

    assert outcome(client.get("/admission", headers=SECRET)) == (404, "not_found")
    for server in ("mediamtx", "srs", "ovenmediaengine", "nginx-rtmp"):
        assert outcome(client.post(f"/admission/{server}", json={})) == (404, "not_found")


@pytest.fixture(params=["UTC", "Asia/Taipei"])
def zone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where this machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("zone")
def test_a_ticket_is_issued_to_any_valid_token_for_twelve_hours(app: Flask, documents: Documents) -> None:
    one = OneToOne()
    signed = factories.token({"JWT_KEYS": json.dumps(KEYS)}, one.viewers[0], ())

    answer = app.test_client().post(
        f"/sessions/{one.session_id}/tickets", headers={"Authorization": f"Bearer {signed}"}
    )

    assert answer.status_code == 201
    issued = answer.get_json()
    assert (issued["session_id"], issued["viewer_id"]) == (one.session_id, one.viewers[0])
    in_twelve_hours = datetime.now(UTC) + timedelta(hours=12)
    assert abs(datetime.fromisoformat(issued["expires_at"]) - in_twelve_hours) < timedelta(seconds=5)
    factories.session(documents, one.session_id, viewers={one.viewers[0]: factories.permission(ends_in=60)})
    assert ask(app, f"/{one.session_id}.m3u8?ticket={issued['ticket']}").status_code == 204


def test_a_ticket_opens_no_route_of_the_api(app: Flask) -> None:
    ticket = TicketForge(KEYS).token()
    closed = [each for each in operations() if each["security"] == [{"token": []}]]
    assert len(closed) > 5

    for each in closed:
        path = each["path"].format(goal_id="a" * 24, session_id="a" * 24, extension_id="a" * 24)
        answer = app.test_client().open(path, method=each["method"], headers={"Authorization": f"Bearer {ticket}"})
        assert outcome(answer) == (401, "token_invalid"), path


def revoked(app: Flask, documents: Documents, forge: TicketForge) -> float:
    """Seconds from the revocation of the forge's ticket until it is refused."""
    uri = at(forge, forge.token(jti=f"of-{forge.sid}"))
    assert ask(app, uri).status_code == 204
    documents["revoked_token"].insert_one({"_id": f"of-{forge.sid}"})
    at_once = time.monotonic()
    eventually(lambda: ask(app, uri).status_code == 401, within=MAX_REVOCATION.total_seconds())
    return time.monotonic() - at_once


def test_a_revoked_ticket_is_refused_within_five_seconds_and_no_other(
    app: Flask, documents: Documents, forge: TicketForge
) -> None:
    assert revoked(app, documents, forge) < MAX_REVOCATION.total_seconds()
    assert ask(app, at(forge, forge.token(jti="another"))).status_code == 204


def test_while_mongodb_hangs_a_known_viewer_is_let_in_before_a_proxy_gives_up(
    app: Flask, forge: TicketForge, servers: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = at(forge)
    assert ask(app, uri).status_code == 204
    monkeypatch.setattr(revocations, "REVOCATIONS_FRESH", timedelta(0))  # nor are they known for certain

    servers.signal("mongod-1", signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert ask(app, uri).status_code == 204
        assert time.monotonic() - began < 0.9
    finally:
        servers.signal("mongod-1", signal.SIGCONT)


def test_what_was_answered_is_counted_by_who_asked(app: Flask, forge: TicketForge) -> None:
    def counted() -> dict[str, float]:
        return samples(app.test_client().get("/metrics").text)

    before = counted()
    assert ask(app, at(forge)).status_code == 204
    assert ask(app, f"/live/{forge.sid}").status_code == 401
    after = counted()

    for answer, number in (("yes", 1), ("ticket_missing", 1), ("no_time_left", 0)):
        name = f'swag_goals_admissions_total{{answer="{answer}",server="proxy"}}'
        assert after[name] - before[name] == number
    assert after["swag_goals_admission_age_seconds_count"] - before["swag_goals_admission_age_seconds_count"] == 1
