"""GET /admission: what a proxy asks before each playlist and segment; and what all who ask have in common."""

import hmac
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NoReturn

from flask import Blueprint, Flask, request
from pymongo.errors import PyMongoError
from werkzeug.http import parse_cookie

from swag_goals.api.problems import Problem
from swag_goals.api.stream_address import StreamAddress, stream_address
from swag_goals.auth.tokens import BadToken, bearer_token
from swag_goals.counts import counts
from swag_goals.services.admission import Admission, NoTimeLeft
from swag_goals.services.idempotency import is_key
from swag_goals.time_limits import ADMISSIONS_COUNTED
from swag_goals.times import iso

SERVERS = ("proxy", "mediamtx", "srs", "ovenmediaengine", "nginx-rtmp")
ANSWERS = ("yes", "ticket_missing", "ticket_invalid", "no_time_left", "unavailable")
AUTHENTICATE = 'Bearer realm="admission"'
_REFUSAL = "swag_goals.refusal"

blueprint = Blueprint("admission", __name__, url_prefix="/admission")


class Refused(Exception):
    """The viewer is not let in; `code` is one of ANSWERS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def register_admission(app: Flask) -> None:
    """Answer media servers and proxies. A yes to a proxy, as with every segment, does not wait for Flask."""
    app.register_blueprint(blueprint)
    flask = app.wsgi_app

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == blueprint.url_prefix and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            try:
                admission = _of_proxy(app, environ)
            except (Problem, Refused, PyMongoError) as refusal:
                environ[_REFUSAL] = refusal
            else:
                start_response("204 NO CONTENT", _headers(admission, environ))
                return ()
        return flask(environ, start_response)

    app.wsgi_app = call  # type: ignore[method-assign]


@blueprint.get("")
def forward_authentication() -> NoReturn:
    """401 without a good ticket, 403 without time: proxies pass no other refusal on. A yes does not come here."""
    refusal = request.environ[_REFUSAL]
    if isinstance(refusal, Refused):
        if refusal.code != "no_time_left":
            raise Problem("ticket_invalid", {"WWW-Authenticate": AUTHENTICATE})
        raise Problem(refusal.code)
    raise refusal


def require(app: Flask, secret: str) -> None:
    """Have who asks show the secret.

    :raises Problem: they show another, or none.
    """
    ours = app.extensions["swag_goals"].settings.admission_secret
    if not hmac.compare_digest(secret.encode(), ours.encode()):
        raise Problem("asker_unknown")


def admit(app: Flask, server: str, address: StreamAddress, tickets_beside: Iterable[str] = ()) -> Admission:
    """Let a viewer in by the ticket in the address, else by the one that came beside it, and count the answer.

    :raises Refused: the viewer may not watch.
    :raises pymongo.errors.PyMongoError: unknown.
    """
    answer = "unavailable"
    try:
        admission = _admit(app, address.session_ids, set(address.tickets or tickets_beside))
        answer = "yes"
    except Refused as refused:
        answer = refused.code
        raise
    finally:
        counts.add("admissions", f"{server},{answer}")
        if counts.are_due(ADMISSIONS_COUNTED):
            app.extensions["swag_goals"].enqueuer.send_counts()
    counts.observe("admission_age", timedelta(seconds=admission.age))
    return admission


def _admit(app: Flask, session_ids: list[str], tickets: set[str]) -> Admission:
    if not tickets:
        raise Refused("ticket_missing")
    try:
        (ticket,) = tickets
        return app.extensions["swag_goals"].admissions.admit(ticket, session_ids)
    except (BadToken, ValueError):
        raise Refused("ticket_invalid") from None
    except NoTimeLeft:
        raise Refused("no_time_left") from None


def _of_proxy(app: Flask, environ: dict[str, Any]) -> Admission:
    require(app, environ.get("HTTP_X_ADMISSION_SECRET", ""))
    # One header is the proxy's, and the other may be the viewer's own: where both are there they must agree.
    said = {environ[name] for name in ("HTTP_X_FORWARDED_URI", "HTTP_X_ORIGINAL_URI") if name in environ}
    path, _, query = (said.pop() if len(said) == 1 else "").partition("?")
    address = stream_address(path if path.startswith("/") else "", query)
    return admit(app, "proxy", address, [] if address.tickets else _tickets_beside(environ))


def _tickets_beside(environ: dict[str, Any]) -> list[str]:
    """As a bearer, else as a cookie."""
    try:
        return [bearer_token(environ.get("HTTP_AUTHORIZATION", ""))]
    except BadToken:
        return parse_cookie(environ.get("HTTP_COOKIE")).getlist("ticket")


def _headers(admission: Admission, environ: dict[str, Any]) -> list[tuple[str, str]]:
    sent = environ.get("HTTP_X_REQUEST_ID", "")
    return [
        ("X-Viewer-Id", admission.viewer_id),
        ("X-Permission-Expires", iso(admission.exp)),
        ("X-Request-ID", sent if is_key(sent) else str(uuid.uuid4())),
    ]
