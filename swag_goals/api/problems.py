"""Errors as RFC 9457 problem details, in the caller's language."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, g
from mongoengine.errors import OperationError
from pymongo.errors import PyMongoError
from werkzeug.exceptions import HTTPException

from swag_goals.api.languages import caller_language, translate
from swag_goals.documents.goal import GoalNotExtendable, GoalNotFound
from swag_goals.documents.session import UnreadablePermission
from swag_goals.services.rate_limits import LimitExceeded

log = logging.getLogger(__name__)

RETRY_AFTER_OUTAGE = 2  # seconds: about what the election of a new primary takes


def _(message: str) -> str:
    """Mark a message for the catalogues (babel's extraction); it is translated when it is told."""
    return message


# code: (status, title, detail). The detail says what to do.
PROBLEMS: dict[str, tuple[int, str, str]] = {
    "bad_request": (400, _("Bad request"), _("Check the request: a part of it is not well-formed.")),
    "key_malformed": (
        400,
        _("Malformed key"),
        _("Send one Idempotency-Key or X-Request-ID of 1 to 200 letters, digits or _ . : - characters."),
    ),
    "cursor_malformed": (400, _("Malformed cursor"), _("Take the cursor from `next` of the page before, unchanged.")),
    "limit_malformed": (400, _("Malformed limit"), _("Send a limit from 1 to 200.")),
    "socket_id_malformed": (400, _("Malformed socket id"), _("Send the socket_id of your connection to Pusher, once.")),
    "token_invalid": (
        401,
        _("Not signed in"),
        _("Send one header `Authorization: Bearer <token>` with a valid token; sign in again for a new one."),
    ),
    "scope_missing": (403, _("Not a streamer"), _("Sign in with an account that has the scope CREATOR.")),
    "channel_forbidden": (403, _("Not your channel"), _("Only its viewer and its streamer may join this channel.")),
    "forbidden": (403, _("Forbidden"), _("This is not for you.")),
    "not_found": (404, _("Not found"), _("Check the address: there is nothing here for you.")),
    "goal_not_found": (
        404,
        _("No such goal"),
        _("Check the goal's id: you have no active exclusive goal with it."),
    ),
    "extension_not_found": (404, _("No such extension"), _("Check the ids: you have no such extension of this goal.")),
    "permission_not_found": (
        404,
        _("No permission"),
        _("Check the session's id: there is no permission in it for you."),
    ),
    "session_not_found": (404, _("No such session"), _("Check the session's id: no exclusive goal of yours names it.")),
    "method_not_allowed": (405, _("Method not allowed"), _("Use a method that the Allow header names.")),
    "goal_without_session": (
        409,
        _("The goal has no session"),
        _("Start the session first: the goal's context holds no session_id."),
    ),
    "goal_without_viewers": (
        409,
        _("The goal has no viewers"),
        _("Wait for a viewer: the goal's exclusive_to is not a list with somebody in it."),
    ),
    "goal_viewers_malformed": (
        409,
        _("The goal's viewers are unreadable"),
        _("Ask support to mend the goal: its exclusive_to holds something else than ids."),
    ),
    "goal_viewers_too_many": (
        409,
        _("The goal has too many viewers"),
        _("End the goal and start one for fewer viewers: at most 100 can be extended at once."),
    ),
    "permission_unreadable": (
        409,
        _("The permission is unreadable"),
        _("Ask support to mend the session: a permission in it is not in the expected form."),
    ),
    "body_too_large": (413, _("Body too large"), _("Send an empty body, or one of at most 1024 bytes, not chunked.")),
    "too_many_extensions": (429, _("Too many extensions"), _("Wait as many seconds as Retry-After says, then repeat.")),
    "internal_error": (500, _("Internal error"), _("Repeat the call; if it fails again, tell us its request_id.")),
    "database_unavailable": (
        503,
        _("Not available now"),
        _("Repeat the call with the same key after as many seconds as Retry-After says: nothing is extended twice."),
    ),
}

_BY_STATUS = {
    400: "bad_request",
    401: "token_invalid",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    429: "too_many_extensions",
}

_NOT_EXTENDABLE = {
    "session": "goal_without_session",
    "viewers": "goal_without_viewers",
    "viewer_id": "goal_viewers_malformed",
    "too_many_viewers": "goal_viewers_too_many",
}


class Problem(Exception):
    """An answer that is not what was asked for; `code` is one of PROBLEMS."""

    def __init__(self, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.headers = dict(headers or {})


def register_problems(app: Flask) -> None:
    """Every error of the app, its libraries and MongoDB becomes a problem."""
    app.register_error_handler(Problem, lambda error: answer(error.code, error.headers))
    app.register_error_handler(GoalNotFound, lambda _error: answer("goal_not_found"))
    app.register_error_handler(GoalNotExtendable, lambda error: answer(_NOT_EXTENDABLE[str(error)]))
    app.register_error_handler(UnreadablePermission, lambda _error: answer("permission_unreadable"))
    app.register_error_handler(LimitExceeded, lambda error: answer("too_many_extensions", _retry(error.retry_after)))
    app.register_error_handler(PyMongoError, _database_unavailable)
    app.register_error_handler(OperationError, _database_unavailable)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _crash)


def answer(code: str, headers: Mapping[str, str] | None = None, status: int | None = None) -> Response:
    """The problem as a response."""
    listed, title, detail = PROBLEMS[code]
    language = caller_language()
    body = {
        "type": f"urn:swag-goals:problem:{code}",
        "title": translate(title, language),
        "status": status or listed,
        "detail": translate(detail, language),
        "code": code,
        "request_id": g.request_id,
    }
    response = Response(json.dumps(body, ensure_ascii=False), status or listed, content_type="application/problem+json")
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def _retry(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


def _database_unavailable(error: Exception) -> Response:
    # The message could hold an address with its password.
    log.error("mongodb is unavailable", extra={"cause": type(error).__name__})
    return answer("database_unavailable", _retry(RETRY_AFTER_OUTAGE))


def _http_exception(error: HTTPException) -> Response:
    """Flask's and Werkzeug's own refusals; their headers (Allow) are kept."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]
    kept = {name: value for name, value in error.get_headers() if name == "Allow"}
    status = error.code if error.code in HTTPStatus._value2member_map_ else 400
    code = _BY_STATUS.get(status) or ("bad_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal_error")
    return answer(code, kept, status)


def _crash(error: Exception) -> Response:
    log.error("crashed", exc_info=error)
    return answer("internal_error")
