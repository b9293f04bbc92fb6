"""POST /admission/...: what media servers ask before they let a viewer in, each in its own words."""

import base64
import hmac
import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from swag_goals.api import stream_address
from swag_goals.api.admission import AUTHENTICATE, admit, require
from swag_goals.api.problems import Problem
from swag_goals.representations.languages import ENGLISH
from swag_goals.services.admission import NotAdmitted

OK, UNAUTHORIZED, FORBIDDEN = 200, 401, 403
Answer = dict[str, Any]

REFUSED: Answer = {"allowed": False, "lifetime": None, "code": FORBIDDEN}
GRANTS_NOTHING = REFUSED | {"code": 0}  # all is well, and nobody is let in by it

blueprint = Blueprint("admission_webhooks", __name__, url_prefix="/admission")


@blueprint.post("/mediamtx")
def mediamtx() -> Response:
    """MediaMTX's authHTTP: the status says it. A question without an id is one before there is a session."""
    _require_secret()
    asked = _json()
    if asked.get("action") not in ("read", "playback"):
        return _by_status(REFUSED)
    tickets = stream_address.tickets(_text(asked, "query")) or filter(None, [_text(asked, "token")])
    answer = _ask("mediamtx", tickets, _text(asked, "path"))
    return _by_status(GRANTS_NOTHING if answer["allowed"] and asked.get("id") is None else answer)


@blueprint.post("/srs")
def srs() -> Response:
    """SRS' and ZLMediaKit's on_play: `code` says it. ZLMediaKit names no action."""
    _require_secret()
    asked = _json()
    if (action := asked.get("action", "on_play")) != "on_play":
        return jsonify(GRANTS_NOTHING if action == "on_stop" else REFUSED)
    query = _text(asked, "param") or _text(asked, "params")
    stream = f"{_text(asked, 'app')}/{_text(asked, 'stream')}"
    return jsonify(_ask("srs", stream_address.tickets(query.removeprefix("?")), stream))


@blueprint.post("/ovenmediaengine")
def ovenmediaengine() -> Response:
    """OvenMediaEngine's AdmissionWebhooks: `allowed` says it, and `lifetime` when it ends by itself."""
    _require_signature()
    asked = _json().get("request")
    if not isinstance(asked, dict):
        raise Problem("bad_request")
    if asked.get("status") == "closing":
        return jsonify(GRANTS_NOTHING)
    if (asked.get("direction"), asked.get("status")) != ("outgoing", "opening"):
        return jsonify(REFUSED | {"reason": "not a viewer"})
    address, _, query = _text(asked, "url").partition("?")
    path = address.partition("://")[2].partition("/")[2]
    answer = _ask("ovenmediaengine", stream_address.tickets(query), path)
    return jsonify(answer if answer["allowed"] else answer | {"reason": "no good ticket, or no time left"})


@blueprint.post("/nginx-rtmp")
def nginx_rtmp() -> Response:
    """nginx-rtmp's on_play and on_update: the status says it, and a no ends what plays.

    It asks for publishers too. What a viewer's own query says stands behind what the server says.
    """
    _require_secret()
    form = request.get_data().decode("latin1")
    call, app, name = (next(stream_address.values(form, each), "") for each in ("call", "app", "name"))
    if call in ("publish", "update_publish"):
        return jsonify(GRANTS_NOTHING)
    if call not in ("play", "update_play"):
        return _by_status(REFUSED)
    answer = _ask("nginx-rtmp", stream_address.tickets(form), f"{app}/{name}")
    return _by_status(answer if answer["allowed"] else REFUSED)


def _ask(server: str, tickets: Iterable[str], path: str) -> Answer:
    """The one body for all of them. To OvenMediaEngine a lifetime of 0 is one without end."""
    try:
        admission = admit(current_app, server, tickets, stream_address.session_ids(path))
    except NotAdmitted as refusal:
        return REFUSED | {"code": UNAUTHORIZED if refusal.code == "ticket_missing" else FORBIDDEN}
    return {"allowed": True, "lifetime": max(1, int(admission.seconds_left * 1000)), "code": 0}


def _by_status(answer: Answer) -> Response:
    response = jsonify(answer)
    response.status_code = answer["code"] or OK
    if answer["code"]:
        response.headers["Content-Language"] = ENGLISH
    if answer["code"] == UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = AUTHENTICATE
    return response


def _require_secret() -> None:
    """In the header or, since some servers can send none, once in our own address."""
    query = request.query_string.decode("latin1")
    shown = request.headers.getlist("X-Admission-Secret") or list(islice(stream_address.values(query, "secret"), 2))
    require(current_app, shown[0] if len(shown) == 1 else "")


def _require_signature() -> None:
    """Over the very bytes that came. The server leaves its padding out, and who imitates it may not."""
    secret = current_app.extensions["swag_goals"].settings.admission_secret.encode()
    ours = base64.urlsafe_b64encode(hmac.digest(secret, request.get_data(), "sha1"))
    sent = request.headers.get("X-OME-Signature", "").encode()
    if not hmac.compare_digest(ours.rstrip(b"="), sent.removesuffix(b"=")):
        raise Problem("asker_unknown")


def _json() -> Answer:
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Problem("bad_request")
    return found


def _text(asked: Answer, name: str) -> str:
    value = asked.get(name)
    return value if isinstance(value, str) else ""
