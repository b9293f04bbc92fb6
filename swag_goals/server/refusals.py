"""What is refused before Flask sees it, or instead: problems too, which repeat nothing of what was sent."""

import json
import logging
import traceback
import uuid
from http import HTTPStatus

from gunicorn.http import errors

from swag_goals.representations.problem_types import PROBLEM_TYPES, problem
from swag_goals.representations.security_headers import SECURITY_HEADERS
from swag_goals.time_limits import MAX_QUEUED

log = logging.getLogger(__name__)


class RequestIncomplete(errors.ParseException, ValueError):  # type: ignore[misc]
    """The rest of the request does not come. Werkzeug knows the second, gunicorn the first."""


class Overloaded(Exception):
    """No thread was free for the request in time."""


# The first that fits.
_CODES = {
    errors.InvalidResponseHeader: "internal_error",
    errors.InvalidResponseHeaderName: "internal_error",
    errors.LimitRequestLine: "address_too_long",
    errors.LimitRequestHeaders: "headers_too_large",
    errors.ExpectationFailed: "expectation_failed",
    RequestIncomplete: "request_incomplete",
    errors.ParseException: "bad_request",
    Overloaded: "overloaded",
    Exception: "internal_error",
}


def refusal(error: Exception) -> bytes:
    """The answer that says so; its connection is closed. Logged, without the error's own words."""
    code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
    request_id = str(uuid.uuid4())
    cause = {"cause": type(error).__name__, "request_id": request_id}
    if code == "internal_error":
        log.error("crashed", extra={**cause, "at": traceback.format_tb(error.__traceback__, limit=-5)})
    else:
        log.info("refused", extra=cause)
    body = json.dumps(problem(code, request_id)).encode()
    status = HTTPStatus(PROBLEM_TYPES[code].status)
    headers = SECURITY_HEADERS | {
        "Connection": "close",
        "Content-Language": "en",
        "Content-Length": str(len(body)),
        "Content-Type": "application/problem+json",
        "X-Request-ID": request_id,
    }
    if isinstance(error, Overloaded):
        headers["Retry-After"] = str(MAX_QUEUED.seconds)
    lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body
