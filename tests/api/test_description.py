"""/openapi.json and /docs: what the service does, and nothing else."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from swag_goals.representations.problem_types import PROBLEM_TYPES

# Pages, and the description itself.
UNDESCRIBED = {"/openapi.json", "/docs"}
PUBLIC = {"/healthz", "/readyz", "/metrics"}


@pytest.fixture(scope="module")
def description(app: Flask) -> Any:
    return app.test_client().get("/openapi.json").json


def operations(description: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method.upper(), operation


def resolved(part: Any, description: Any) -> Any:
    if "$ref" not in part:
        return part
    for step in part["$ref"].removeprefix("#/").split("/"):
        description = description[step]
    return description


def responses(description: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for _path, _method, operation in operations(description):
        for status, response in operation["responses"].items():
            yield operation["operationId"], status, resolved(response, description)


def test_describes_every_route_and_no_other(app: Flask, description: Any) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule not in UNDESCRIBED and not rule.rule.startswith("/console")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(path, method) for path, method, _ in operations(description)} == routes


def test_every_operation_is_named_summed_up_and_refuses_in_all_ways_that_any_can(description: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(set(names)) == len(names)
    for _path, _method, operation in operations(description):
        assert operation["summary"]
        assert {"400", "408", "413", "414", "417", "431"} <= set(operation["responses"])


def test_all_but_the_probes_need_a_token(app: Flask, description: Any) -> None:
    for path, method, operation in operations(description):
        answer = app.test_client().open(path.replace("{", "").replace("}", ""), method=method)
        assert (answer.status_code == 401) == (path not in PUBLIC)
        assert (operation["security"] == [{"token": []}]) == (path not in PUBLIC)


def test_every_answer_has_an_example_of_its_own_shape(description: Any) -> None:
    for operation, status, response in responses(description):
        for kind, media in response["content"].items():
            if kind == "text/plain":
                continue
            shown = [media["example"]] if "example" in media else [each["value"] for each in media["examples"].values()]
            schema = {**media["schema"], "components": description["components"]}
            assert shown, (operation, status)
            for example in shown:
                assert jsonschema_rs.validator_for(schema).is_valid(example), (operation, status, example)


def test_a_shape_refuses_what_it_does_not_have(description: Any) -> None:
    schema = {"$ref": "#/components/schemas/Permission", "components": description["components"]}
    validator = jsonschema_rs.validator_for(schema)

    assert validator.is_valid({"nbf": None, "duration": None, "exp": None})
    assert not validator.is_valid({"nbf": None, "duration": None})
    assert not validator.is_valid({"nbf": None, "duration": None, "exp": None, "viewer": "x"})
    assert not validator.is_valid({"nbf": "2026-01-31T12:00:00Z", "duration": None, "exp": None})


def test_every_problem_is_described_where_it_can_be_met(description: Any) -> None:
    described = {
        code
        for _, _, response in responses(description)
        for media in response["content"].values()
        for code in media.get("examples", {})
    }
    of_no_operation = {"not_found", "method_not_allowed", "internal_error"}

    assert described == set(PROBLEM_TYPES) - of_no_operation


def test_every_header_is_described(description: Any) -> None:
    for _, status, response in responses(description):
        headers = set(response["headers"])
        assert "X-Request-ID" in headers
        assert ("Retry-After" in headers) == (status in ("429", "503"))
        assert ("WWW-Authenticate" in headers) == (status == "401")
        assert ("Content-Language" in headers) == (int(status) >= 400)


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(app: Flask) -> Page:
    return Page(app.test_client().get("/docs").text)


def test_the_page_shows_every_operation_and_every_shape(page: Page, description: Any) -> None:
    ids = {attributes.get("id") for _tag, attributes in page.tags}

    assert {operation["operationId"] for _, _, operation in operations(description)} <= ids
    assert set(description["components"]["schemas"]) <= ids
    for path, method, _ in operations(description):
        assert f"{method} {path}" in page.text


def test_the_page_runs_nothing_and_loads_nothing(app: Flask, page: Page) -> None:
    client: FlaskClient = app.test_client()
    policy = client.get("/docs").headers["Content-Security-Policy"]

    assert "script" not in {tag for tag, _ in page.tags}
    assert not [attributes for tag, attributes in page.tags if "src" in attributes or tag == "link"]
    assert all((attributes.get("href") or "/").startswith(("/", "#")) for _tag, attributes in page.tags)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
