"""What is the same for every request: its id, its size, its headers on the way out."""

import re
import uuid

from flask import Flask, Response, g, request

from swag_goals.api.problems import Problem
from swag_goals.representations.security_headers import SecurityHeaders
from swag_goals.services.idempotency import is_key, unquoted

MAX_BODY = 1024  # bytes
_HOST = re.compile(r"([\w.~-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", re.ASCII)


def register_requests(app: Flask) -> None:
    """Give each request an id, refuse large bodies before anything is read."""
    # One more than is let in; with a limit of its own, Werkzeug refuses a body that breaks off.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY + 1
    app.before_request(_identify)
    app.before_request(_refuse_bad_address)
    app.before_request(_refuse_large_body)
    app.after_request(_tell_id)
    app.wsgi_app = SecurityHeaders(app.wsgi_app)  # type: ignore[method-assign]


def idempotency_key() -> str:
    """The request's key: Idempotency-Key without its quotes, else X-Request-ID, else a new one.

    :raises Problem: malformed, or sent more than once.
    """
    key = request.headers.get("Idempotency-Key")
    key = request.headers.get("X-Request-ID", g.request_id) if key is None else unquoted(key)
    if not is_key(key):
        raise Problem("key_malformed")
    return key


def _identify() -> None:
    sent = request.headers.get("X-Request-ID", "")
    g.request_id = sent if is_key(sent) else str(uuid.uuid4())


def _refuse_bad_address() -> None:
    """What gunicorn and Werkzeug let pass: a host that is none, and slashes too many at the start."""
    if request.environ["PATH_INFO"].startswith("//"):
        raise Problem("not_found")
    host = request.headers.get("Host")
    if host is None and request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return
    if not _HOST.fullmatch(host or ""):
        raise Problem("bad_request")


def _refuse_large_body() -> None:
    if request.routing_exception is not None:
        return  # 405 comes before 413
    if "Transfer-Encoding" in request.headers or (request.content_length or 0) > MAX_BODY:
        raise Problem("body_too_large")


def _tell_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    return response
