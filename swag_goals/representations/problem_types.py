"""Every problem that a caller can meet: its status, and what it says in English."""

from typing import Any, NamedTuple

from swag_goals.representations.languages import ENGLISH, translate


class ProblemType(NamedTuple):
    """One kind of problem. The detail tells a person what to do."""

    status: int
    title: str
    detail: str


def _(message: str) -> str:
    """Mark a message for the catalogues (babel's extraction); it is translated when it is sent."""
    return message


PROBLEM_TYPES = {
    "bad_request": ProblemType(
        400, _("Bad request"), _("Check the request: its address, its headers or its body are not well-formed.")
    ),
    "key_malformed": ProblemType(
        400,
        _("Malformed key"),
        _("Send one Idempotency-Key or X-Request-ID of 1 to 200 letters, digits or _ . : - characters."),
    ),
    "limit_malformed": ProblemType(400, _("Malformed limit"), _("Send a limit from 1 to 200.")),
    "cursor_malformed": ProblemType(
        400, _("Malformed cursor"), _("Take the cursor from `next` of the page before, unchanged.")
    ),
    "form_malformed": ProblemType(
        400,
        _("Malformed form"),
        _("Send socket_id and channel_name as form fields, once each, as your Pusher client has them."),
    ),
    "token_invalid": ProblemType(
        401,
        _("Not signed in"),
        _("Send one header `Authorization: Bearer <token>` with a valid token; sign in again for a new one."),
    ),
    "scope_missing": ProblemType(403, _("Not a streamer"), _("Sign in with an account that has the scope CREATOR.")),
    "channel_forbidden": ProblemType(
        403,
        _("Not your channel"),
        _("Subscribe to a channel of your own: only its viewer and its streamer may join this one."),
    ),
    "forbidden": ProblemType(
        403, _("Not from there"), _("Call from this very machine, or have METRICS_TOKEN set and send it as the token.")
    ),
    "not_found": ProblemType(404, _("Not found"), _("Check the address: there is nothing here.")),
    "goal_not_found": ProblemType(
        404, _("No such goal"), _("Check the goal's id: you have no active exclusive goal with it.")
    ),
    "extension_not_found": ProblemType(
        404, _("No such extension"), _("Check the ids: you have no such extension of this goal.")
    ),
    "permission_not_found": ProblemType(
        404, _("No permission"), _("Check the session's id: there is no permission for you in it.")
    ),
    "session_not_found": ProblemType(
        404,
        _("No such session"),
        _("Check the session's id: there is no such session, or no exclusive goal of yours names it."),
    ),
    "method_not_allowed": ProblemType(405, _("Method not allowed"), _("Use a method that the Allow header names.")),
    "request_incomplete": ProblemType(408, _("Incomplete request"), _("Send the whole request at once.")),
    "goal_without_session": ProblemType(
        409, _("The goal has no session"), _("Start the session first: the goal's context holds no session_id.")
    ),
    "goal_without_viewers": ProblemType(
        409,
        _("The goal has no viewers"),
        _("Wait for a viewer: the goal's exclusive_to is not a list with somebody in it."),
    ),
    "goal_viewers_malformed": ProblemType(
        409,
        _("The goal's viewers are unreadable"),
        _("Ask support to mend the goal: its exclusive_to holds something else than ids."),
    ),
    "goal_viewers_too_many": ProblemType(
        409,
        _("The goal has too many viewers"),
        _("End the goal and start one for fewer viewers: at most 100 can be extended at once."),
    ),
    "permission_unreadable": ProblemType(
        409,
        _("The permission is unreadable"),
        _("Ask support to mend the session: a permission in it is not in the expected form."),
    ),
    "body_too_large": ProblemType(
        413, _("Body too large"), _("Send an empty body, or one of at most 1024 bytes, not chunked.")
    ),
    "address_too_long": ProblemType(414, _("Address too long"), _("Send a shorter address.")),
    "expectation_failed": ProblemType(
        417, _("Expectation failed"), _("Send no Expect header, or `Expect: 100-continue`.")
    ),
    "too_many_extensions": ProblemType(
        429, _("Too many extensions"), _("Wait as many seconds as Retry-After says, then repeat the call.")
    ),
    "headers_too_large": ProblemType(431, _("Headers too large"), _("Send fewer headers, or shorter ones.")),
    "internal_error": ProblemType(
        500, _("Internal error"), _("Repeat the call; if it fails again, tell us its request_id.")
    ),
    "database_unavailable": ProblemType(
        503,
        _("Not available now"),
        _("Repeat the call with the same key after as many seconds as Retry-After says: nothing is extended twice."),
    ),
}


def problem(code: str, request_id: str, language: str = ENGLISH) -> dict[str, Any]:
    """The problem's JSON, of RFC 9457."""
    problem_type = PROBLEM_TYPES[code]
    return {
        "type": f"urn:swag-goals:problem:{code}",
        "title": translate(problem_type.title, language),
        "status": problem_type.status,
        "detail": translate(problem_type.detail, language),
        "code": code,
        "request_id": request_id,
    }
