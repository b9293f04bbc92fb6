"""What is the same for every request: its id, its size, its headers on the way out."""

import re
import uuid
from typing import Any

from flask import Flask, Response, g, request

from swag_goals.api.problems import Problem
from swag_goals.representations.security_headers import with_security_headers
from swag_goals.services.idempotency import is_key, unquoted

MAX_BODY = 1024  # bytes
MAX_BODIES = {"admission_webhooks": 8 * 1024}  # of blueprints whose callers have more to say
# Characters of a header whose parsing can cost more than a refusal; a longer one counts as not sent.
# All that a page may ask to send has 126, an ETag of ours some 35. Not If-Range: without it a Range means another.
MAX_PARSED = 160
PARSED = (
    *("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "HTTP_CONNECTION", "HTTP_RANGE"),
    *("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"),
)
MAX_LENGTHS = {"HTTP_HOST": 253 + len(":65535"), **dict.fromkeys(PARSED, MAX_PARSED)}
_HOST = re.compile(r"([\w.~-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", re.ASCII)


def register_requests(app: Flask) -> None:
    """Give each request an id, refuse large bodies before anything is read."""
    app.before_request(_identify)
    app.before_request(_refuse_bad_address)
    app.before_request(_refuse_large_body)
    app.after_request(_tell_id)
    app.wsgi_app = with_security_headers(_bounded(app.wsgi_app))  # type: ignore[method-assign]


def idempotency_key() -> str:
    """The request's key: Idempotency-Key without its quotes, else X-Request-ID, else a new one.

    :raises Problem: malformed, or sent more than once.
    """
    key = request.headers.get("Idempotency-Key")
    key = request.headers.get("X-Request-ID", g.request_id) if key is None else unquoted(key)
    if not is_key(key):
        raise Problem("key_malformed")
    return key


def _bounded(app: Any) -> Any:
    """The app, with bounds for what is parsed. It is outside of Flask, which parses the host before all else."""

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        for name, most in MAX_LENGTHS.items():
            if len(environ.get(name, "")) > most:
                del environ[name]
        return app(environ, start_response)

    return call


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
    most = MAX_BODIES.get(request.blueprint or "", MAX_BODY)
    request.max_content_length = most + 1  # with its own limit Werkzeug refuses a body that breaks off
    if "Transfer-Encoding" in request.headers or (request.content_length or 0) > most:
        raise Problem("body_too_large")


def _tell_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    return response
