"""What is the same for every request: its id, its size, its headers on the way out."""

import re
import uuid

from flask import Flask, Response, g, request

from swag_goals.api.problems import Problem

MOST_BODY = 1024
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


def register_requests(app: Flask) -> None:
    """Give each request an id, refuse large bodies before anything is read."""
    app.before_request(_identify)
    app.before_request(_refuse_large_body)
    app.after_request(_finish)


def idempotency_key() -> str:
    """The request's key: Idempotency-Key without its quotes, else X-Request-ID, else a new one.

    :raises Problem: malformed, or sent more than once.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None:
        return _well_formed(key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key)
    return _well_formed(request.headers.get("X-Request-ID", g.request_id))


def _well_formed(key: str) -> str:
    # A header sent twice arrives with a comma, which no key has.
    if not _KEY.fullmatch(key):
        raise Problem("key_malformed")
    return key


def _identify() -> None:
    sent = request.headers.get("X-Request-ID", "")
    g.request_id = sent if _KEY.fullmatch(sent) else str(uuid.uuid4())


def _refuse_large_body() -> None:
    if request.routing_exception is not None:
        return  # 405 comes before 413
    chunked = "Transfer-Encoding" in request.headers
    if chunked or (request.content_length or 0) > MOST_BODY:
        raise Problem("body_too_large")


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
