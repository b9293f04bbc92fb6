"""Whatever goes wrong becomes a problem of RFC 9457, in the caller's language."""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import unquote_plus

from flask import Flask, Response, g, request
from pymongo.errors import PyMongoError
from werkzeug.exceptions import HTTPException

from swag_goals.documents.goal import GoalNotExtendable, GoalNotFound
from swag_goals.documents.record_shape import UnreadableExtension
from swag_goals.documents.snapshot import UnreadablePermission
from swag_goals.representations.languages import ENGLISH, MAX_TAG, preferred, spoken
from swag_goals.representations.problem_types import PROBLEM_TYPES, problem
from swag_goals.services.rate_limits import LimitExceeded

log = logging.getLogger(__name__)

RETRY_AFTER_OUTAGE = 2  # seconds: about what the election of a new primary takes

# Its first letters are plain ones, for which a query is searched several times as fast.
_LANG = re.compile(rb"lang(?<![^&]lang)(?:=([^&]*))?(?![^&])")
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class Problem(Exception):
    """An answer that is not what was asked for; `code` is one of PROBLEM_TYPES."""

    def __init__(self, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.headers = headers


def register_problems(app: Flask) -> None:
    """Every error of the app, its libraries and MongoDB becomes a problem."""
    app.register_error_handler(Problem, lambda error: answer(error.code, error.headers))
    app.register_error_handler(GoalNotFound, lambda _error: answer("goal_not_found"))
    app.register_error_handler(GoalNotExtendable, lambda error: answer(error.code))
    app.register_error_handler(UnreadableExtension, lambda _error: answer("extension_unreadable"))
    app.register_error_handler(UnreadablePermission, lambda _error: answer("permission_unreadable"))
    app.register_error_handler(LimitExceeded, lambda error: answer("too_many_extensions", _retry(error.retry_after)))
    app.register_error_handler(PyMongoError, _database_unavailable)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _crash)


def answer(code: str, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    language = _caller_language()
    body = json.dumps(problem(code, g.request_id, language), ensure_ascii=False)
    response = Response(body, PROBLEM_TYPES[code].status, headers, content_type="application/problem+json")
    response.headers["Content-Language"] = language
    return response


def _caller_language() -> str:
    """By `?lang=`, else by Accept-Language; English where neither names one we speak.

    Flask's own `args` and `accept_languages` cost whoever is refused as much as a stranger likes to send.
    """
    asked = _LANG.search(request.query_string)
    if asked is None:
        return preferred(request.headers.get("Accept-Language", ""))
    return spoken(unquote_plus((asked[1] or b"")[:MAX_TAG].decode("latin1"))) or ENGLISH


def _retry(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


def _database_unavailable(error: Exception) -> Response:
    # The message could hold an address with its password.
    log.error("mongodb is unavailable", extra={"cause": type(error).__name__})
    return answer("database_unavailable", _retry(RETRY_AFTER_OUTAGE))


def _http_exception(error: HTTPException) -> Response:
    """Flask's and Werkzeug's own refusals, with the methods that they allow."""
    if error.code is None or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _crash(error)
    allowed = {name: value for name, value in error.get_headers() if name == "Allow"}
    return answer(_BY_STATUS.get(error.code, "bad_request"), allowed)


def _crash(error: Exception) -> Response:
    # Without its message, which could hold a secret, or what a caller sent.
    at = traceback.format_tb(error.__traceback__, limit=-5)
    log.error("crashed", extra={"cause": type(error).__name__, "at": at})
    return answer("internal_error")
