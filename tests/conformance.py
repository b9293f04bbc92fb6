"""What the API's description allows of an answer.

Every answer is held to it that a test is given: by Flask's client (tests/conftest.py), byte by byte
(tests/api/client.py), and as browsers call (tests/factories.py).
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from swag_goals.api.docs import description, operations, resolved

Response = Mapping[str, Any]
Headers = Collection[tuple[str, str]]

PROBLEM = "application/problem+json"
# HTTP's own, and gunicorn's.
UNDESCRIBED = {"Connection", "Content-Length", "Content-Type", "Date", "Server"}
OF_NO_OPERATION = {"not_found", "method_not_allowed"}


def check(method: str, target: str, status: int, headers: Headers, content: bytes) -> None:
    """Fail where the description does not have this answer to that request, as it is."""
    path = unquote(target.partition("?")[0])
    if path.startswith("/console"):
        return  # pages and their files, which are no API
    request, responses = f"{method} {path}: {status}", allowed(method, path)
    assert str(status) in responses, f"{request} is not described"
    response = responses[str(status)]
    _check_headers(request, response["headers"], headers)
    if method == "HEAD" or not response.get("content"):
        assert content == b"", f"{request} has a body"
        return
    kind = dict(headers)["Content-Type"].split(";")[0]
    assert kind in response["content"], f"{request} is described with a body of another type than {kind}"
    _check_body(request, kind, response["content"][kind], dict(headers), content)


def codes(response: Response) -> set[str]:
    """The codes of the problems that it may be."""
    return set(response.get("content", {}).get(PROBLEM, {}).get("examples", ()))


@cache
def allowed(method: str, path: str) -> Mapping[str, Response]:
    """What may be answered to a request, by status."""
    for operation in operations():
        template = re.sub(r"{\w+}", "[^/]+", operation["path"])
        if re.fullmatch(template, path) and operation["method"] == ("GET" if method == "HEAD" else method):
            return operation["responses"]
    return _elsewhere() | ({"200": _named("preflight")} if method == "OPTIONS" else {})


@cache
def _elsewhere() -> dict[str, Response]:
    """What may be answered to a request that is of no operation."""
    of_each = [{code for response in each["responses"].values() for code in codes(response)} for each in operations()]
    every = [resolved(_named(code)) for code in set.intersection(*of_each) | OF_NO_OPERATION]
    return {str(example["value"]["status"]): response for response in every for example in _examples(response)}


def _named(name: str) -> Any:
    return resolved(description()["components"]["responses"][name])


def _examples(response: Response) -> Iterable[Any]:
    return response["content"][PROBLEM]["examples"].values()


def _check_headers(request: str, described: Mapping[str, Any], headers: Headers) -> None:
    names = {name.title() for name, _ in headers}
    known = {name.title(): header for name, header in described.items()}
    missing = {name for name, header in known.items() if header.get("required")} - names
    assert not missing, f"{request} lacks {missing}"
    unknown = names - set(known) - UNDESCRIBED
    assert not unknown, f"{request} has {unknown}, which is not described"
    assert len(headers) == len(names), f"{request} has a header twice"
    for name, value in headers:
        schema = known.get(name.title(), {}).get("schema", {})
        text = int(value) if schema.get("type") == "integer" else value
        assert _validator(json.dumps(schema)).is_valid(text), f"{request} has {name}: {value}"


def _check_body(request: str, kind: str, media: Mapping[str, Any], headers: dict[str, str], content: bytes) -> None:
    body: Any = json.loads(content) if "json" in kind else content.decode()
    for error in _validator(json.dumps(media["schema"])).iter_errors(body):
        raise AssertionError(f"{request}: {error}")
    if kind == PROBLEM:
        assert body["code"] in media["examples"], f"{request} is described without {body['code']}"
        shown = media["examples"][body["code"]]["value"] | {"request_id": headers["X-Request-ID"]}
        texts = ("title", "detail") if headers["Content-Language"] != "en" else ()
        assert shown | {name: body[name] for name in texts} == body, f"{request} is another {body['code']}"


@cache
def _validator(schema: str) -> Any:
    return jsonschema_rs.validator_for({**json.loads(schema), "components": description()["components"]})
