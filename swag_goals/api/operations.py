"""What each operation takes and answers, for the description that `/openapi.json` gives."""

from collections import defaultdict
from typing import Any

from swag_goals.api import examples
from swag_goals.api.schemas import ID, LIMIT
from swag_goals.documents.goal import NOT_EXTENDABLE
from swag_goals.representations.problem_types import PROBLEM_TYPES, problem

Operation = dict[str, Any]

# What any operation can answer, most of it before it is known which one is meant.
ANY = (
    "bad_request",
    "request_incomplete",
    "body_too_large",
    "address_too_long",
    "expectation_failed",
    "headers_too_large",
)
AUTHENTICATED = (*ANY, "token_invalid", "database_unavailable")
FOR_CREATORS = (*AUTHENTICATED, "scope_missing")
OF_EXTEND = ("Location", "Idempotent-Replayed")
HEADERS_OF_PROBLEMS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def operation(
    name: str, answers: dict[int, Any], problems: tuple[str, ...], *parameters: Any, **more: Any
) -> Operation:
    """An operation with its good answers, its problems and its own parameters."""
    by_status = defaultdict(list)
    for code in problems:
        by_status[PROBLEM_TYPES[code].status].append(code)
    # A problem that is the only one of its status is written down once for all operations.
    responses = answers | {
        status: {"$ref": f"#/components/responses/{codes[0]}"} if len(codes) == 1 else problem_answer(*codes)
        for status, codes in by_status.items()
    }
    return {
        "operationId": name,
        "parameters": [*parameters, "lang", "Accept-Language"],
        "responses": {str(status): responses[status] for status in sorted(responses)},
        "security": [{"token": []}] if "token_invalid" in problems else [],
        **more,
    }


def answer(description: str, schema: str, example: Any, *headers: str) -> dict[str, Any]:
    """A good answer in JSON, with these headers besides the request's id."""
    return {
        "description": description,
        "headers": by_name("X-Request-ID", *headers),
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def problem_answer(*codes: str) -> dict[str, Any]:
    """Problems of one status."""
    status = PROBLEM_TYPES[codes[0]].status
    headers = ["X-Request-ID", "Content-Language", *filter(None, [HEADERS_OF_PROBLEMS.get(status)])]
    shown = {code: {"value": problem(code, examples.REQUEST_ID)} for code in codes}
    return {
        "description": " ".join(f"{PROBLEM_TYPES[code].title}." for code in codes),
        "headers": by_name(*headers),
        "content": {"application/problem+json": {"schema": "Problem", "examples": shown}},
    }


def query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    """An optional parameter of the query."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


def by_name(*headers: str) -> dict[str, str]:
    """The headers, which the description's components have under these names."""
    return {header: header for header in headers}


EXTEND = operation(
    "extend_goal",
    {
        202: answer("Recorded; its job gives the seconds.", "Extension", examples.PENDING, *OF_EXTEND),
        200: answer("The same key again; the first is no longer pending.", "Extension", examples.DONE, *OF_EXTEND),
    },
    (*FOR_CREATORS, "key_malformed", "goal_not_found", *NOT_EXTENDABLE, "too_many_extensions"),
    "Idempotency-Key",
)
LIST_GOALS = operation(
    "list_goals",
    {200: answer("The running goals.", "Goals", {"items": [examples.RUNNING]})},
    FOR_CREATORS,
)
LIST_EXTENSIONS = operation(
    "list_extensions",
    {200: answer("A page of the ledger.", "Extensions", {"items": [examples.DONE], "next": None})},
    (*FOR_CREATORS, "limit_malformed", "cursor_malformed", "goal_not_found", "extension_not_found"),
    query("limit", LIMIT, "How many at the most."),
    query("cursor", ID, "`next` of the page before."),
)
GET_EXTENSION = operation(
    "get_extension",
    {200: answer("The extension as it stands.", "Extension", examples.DONE)},
    (*FOR_CREATORS, "extension_not_found"),
)
MY_PERMISSION = operation(
    "get_my_permission",
    {200: answer("The caller's permission.", "MyPermission", examples.MY_PERMISSION)},
    (*AUTHENTICATED, "permission_not_found", "permission_unreadable"),
)
PERMISSIONS = operation(
    "list_permissions",
    {200: answer("Everybody's permission.", "Permissions", examples.PERMISSIONS)},
    (*AUTHENTICATED, "session_not_found", "permission_unreadable"),
)
AUTHORIZE = operation(
    "authorize_channel",
    {200: answer("The signature to subscribe with.", "ChannelAuthorization", examples.AUTHORIZATION)},
    (*AUTHENTICATED, "channel_forbidden", "form_malformed"),
    requestBody={
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": "Subscription"}},
    },
)
HEALTHZ = operation("get_health", {200: answer("It lives.", "Health", {"status": "ok"})}, ANY)
READYZ = operation(
    "get_readiness",
    {200: answer("It can keep its promises.", "Health", {"status": "ok", "mongodb": "ok", "redis": "ok"})},
    (*ANY, "database_unavailable"),
)
METRICS = operation(
    "get_metrics",
    {
        200: {
            "description": "In Prometheus' text format.",
            "headers": by_name("X-Request-ID"),
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
    (*ANY, "token_invalid", "forbidden"),
    security=[{}, {"token": []}],
)
