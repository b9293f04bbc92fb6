"""GET /admission: what a proxy asks before each playlist and segment; and what all who ask have in common."""

import hmac
import re
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NoReturn

from flask import Blueprint, Flask, request
from pymongo.errors import PyMongoError

from swag_goals.api import stream_address
from swag_goals.api.problems import Problem
from swag_goals.auth.tokens import BadToken, bearer_token
from swag_goals.counts import counts
from swag_goals.services.admission import REFUSALS, Admission, NotAdmitted
from swag_goals.services.idempotency import is_key
from swag_goals.time_limits import ADMISSIONS_COUNTED
from swag_goals.times import iso

SERVERS = ("proxy", "mediamtx", "srs", "ovenmediaengine", "nginx-rtmp")
ANSWERS = ("yes", *REFUSALS, "unavailable")
AUTHENTICATE = 'Bearer realm="admission"'
_REFUSAL = "swag_goals.refusal"
# A ticket is quoted nowhere, and others' cookies may be of any bytes.
_COOKIE = re.compile("ticket=(?<![^; ]ticket=)([^; ]*)")

blueprint = Blueprint("admission", __name__, url_prefix="/admission")


def register_admission(app: Flask) -> None:
    """Answer proxies. A yes, as with every segment, does not wait for Flask."""
    app.register_blueprint(blueprint)
    flask = app.wsgi_app

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != blueprint.url_prefix or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return flask(environ, start_response)
        try:
            admission = _admit(app, environ)
        except (Problem, NotAdmitted, PyMongoError) as refusal:
            return flask({**environ, _REFUSAL: refusal}, start_response)
        sent = environ.get("HTTP_X_REQUEST_ID", "")
        expires = ("X-Permission-Expires", iso(admission.exp))
        request_id = ("X-Request-ID", sent if is_key(sent) else str(uuid.uuid4()))
        start_response("204 NO CONTENT", [("X-Viewer-Id", admission.viewer_id), expires, request_id])
        return ()

    app.wsgi_app = call  # type: ignore[method-assign]


@blueprint.get("")
def forward_authentication() -> NoReturn:
    """401 without a good ticket, 403 without time: proxies pass no other refusal on. A yes does not come here."""
    refusal = request.environ[_REFUSAL]
    if not isinstance(refusal, NotAdmitted):
        raise refusal
    if refusal.code == "no_time_left":
        raise Problem(refusal.code)
    raise Problem("ticket_invalid", {"WWW-Authenticate": AUTHENTICATE})


def require(app: Flask, secret: str) -> None:
    """Have who asks show the secret.

    :raises Problem: they show another, or none.
    """
    ours = app.extensions["swag_goals"].settings.admission_secret
    if not hmac.compare_digest(secret.encode(), ours.encode()):
        raise Problem("asker_unknown")


def admit(app: Flask, server: str, tickets: Iterable[str], session_ids: Iterable[str]) -> Admission:
    """Let a viewer in, and count the answer.

    :raises NotAdmitted: the viewer may not watch.
    :raises pymongo.errors.PyMongoError: unknown.
    """
    parts, answer = app.extensions["swag_goals"], "unavailable"
    try:
        admission: Admission = parts.admissions.admit(tickets, session_ids)
        answer = "yes"
        counts.observe("admission_age", timedelta(seconds=admission.age))
        return admission
    except NotAdmitted as refusal:
        answer = refusal.code
        raise
    finally:
        counts.add("admissions", f"{server},{answer}")
        if counts.are_due(ADMISSIONS_COUNTED):
            parts.enqueuer.send_counts()


def _admit(app: Flask, environ: dict[str, Any]) -> Admission:
    require(app, environ.get("HTTP_X_ADMISSION_SECRET", ""))
    # One header is the proxy's, and the other may be the viewer's own: where both are there they must agree.
    said = {environ[name] for name in ("HTTP_X_FORWARDED_URI", "HTTP_X_ORIGINAL_URI") if name in environ}
    path, _, query = (said.pop() if len(said) == 1 else "").partition("?")
    session_ids = stream_address.session_ids(path) if path.startswith("/") else ()
    return admit(app, "proxy", stream_address.tickets(query) or _tickets_beside(environ), session_ids)


def _tickets_beside(environ: dict[str, Any]) -> list[str]:
    """As a bearer, else as a cookie."""
    try:
        return [bearer_token(environ.get("HTTP_AUTHORIZATION", ""))]
    except BadToken:
        return _COOKIE.findall(environ.get("HTTP_COOKIE", ""))
