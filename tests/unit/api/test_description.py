"""The API's description is well-formed, is served as it is written, and says what the code says.

That answers are as it says, tests/conformance.py looks at; that it lists nothing else, tests/api/test_every_answer.py.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from swag_goals.api import cors, docs, goals, requests
from swag_goals.api.docs import description, operations, resolved
from swag_goals.documents.extension import DURATION, STATUSES
from swag_goals.documents.goal import MAX_VIEWERS
from swag_goals.documents.ids import HEX_24
from swag_goals.documents.reasons import REASONS, REJECTIONS
from swag_goals.events.pusher_channels import SOCKET_ID
from swag_goals.events.stream_authorized import CHANNEL
from swag_goals.representations.languages import LANGUAGES
from swag_goals.representations.problem_types import PROBLEM_TYPES, problem
from swag_goals.representations.security_headers import SECURITY_HEADERS
from swag_goals.services.idempotency import KEY
from swag_goals.times import iso
from tests.conformance import OF_NO_OPERATION, PROBLEM, codes

REQUEST_ID = "0b8f6a52-3d0e-4a53-9c0e-3f4f2f5c9a77"
# What any operation can answer, most of it before it is known which one is meant.
ANY = {
    "bad_request",
    "request_incomplete",
    "body_too_large",
    "address_too_long",
    "expectation_failed",
    "headers_too_large",
    "internal_error",
}
PARTS: dict[str, dict[str, Any]] = description()["components"]
SCHEMAS = PARTS["schemas"]
HEADERS = PARTS["headers"]


def operation(name: str) -> dict[str, Any]:
    (found,) = (each for each in operations() if each["operationId"] == name)
    return found


def responses() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for each in operations():
        for status, response in each["responses"].items():
            yield each["operationId"], status, response
    for name in PARTS["responses"]:
        yield "components", name, resolved(PARTS["responses"][name])


def properties(name: str) -> dict[str, Any]:
    fields: dict[str, Any] = SCHEMAS[name]["properties"]
    return fields


def whole(pattern: "re.Pattern[str]") -> str:
    """The pattern for a whole text, as JSON Schema has it."""
    return f"^{pattern.pattern}$"


def validator(schema: dict[str, Any]) -> Any:
    return jsonschema_rs.validator_for({**schema, "components": PARTS})


def test_it_is_served_as_it_is_written(app: Flask) -> None:
    answer = app.test_client().get("/openapi.json")

    assert answer.content_type == "application/json"
    assert answer.json == description()


def test_the_answer_is_made_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first = [app.test_client().get(path).data for path in ("/openapi.json", "/docs")]
    monkeypatch.delattr(docs, "description")
    monkeypatch.delattr(docs, "operations")

    assert [app.test_client().get(path).data for path in ("/openapi.json", "/docs")] == first


def test_nobody_reads_it_who_is_not_asked_for_it() -> None:
    program = "import swag_goals.app, sys; sys.exit('yaml' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_it_means_the_same_in_json() -> None:
    assert json.loads(json.dumps(description())) == description()


def test_every_reference_leads_somewhere_and_every_part_is_referred_to() -> None:
    everything = json.dumps(description())
    referred = set(re.findall(r'"#/components/(\w+)/([\w-]+)"', everything))
    parts = {(kind, name) for kind, named in PARTS.items() for name in named}
    needed = {(key, name) for each in operations() for need in each["security"] for key, name in _schemes(need)}

    assert referred | needed <= parts
    # Every problem has a response, also where it only comes together with others.
    assert parts - referred - needed <= {("responses", code) for code in (*PROBLEM_TYPES, "preflight")}


def _schemes(need: dict[str, Any]) -> list[tuple[str, str]]:
    return [("securitySchemes", name) for name in need]


def test_every_operation_is_named_summed_up_and_of_a_tag() -> None:
    names = [each["operationId"] for each in operations()]
    tags = {tag["name"] for tag in description()["tags"]}

    assert len(set(names)) == len(names)
    assert all(each["summary"] for each in operations())
    assert {tag for each in operations() for tag in each["tags"]} == tags


def test_every_operation_refuses_in_all_ways_that_any_can_and_in_the_order_of_the_statuses() -> None:
    for each in operations():
        assert set().union(*map(codes, each["responses"].values())) >= ANY
        assert list(each["responses"]) == sorted(each["responses"])


def test_every_answer_has_an_example_of_its_own_shape() -> None:
    for name, status, response in responses():
        for kind, media in response.get("content", {}).items():
            shown = [media["example"]] if "example" in media else [each["value"] for each in media["examples"].values()]
            assert shown, (name, status)
            for example in shown:
                assert kind in (PROBLEM, "application/json") or isinstance(example, str)
                assert validator(media["schema"]).is_valid(example), (name, status, example)


def test_every_schema_s_own_example_is_valid() -> None:
    shown = re.findall(r'"example": ', json.dumps([SCHEMAS, PARTS["parameters"], HEADERS]))
    schemas = [schema for schema in _schemas([SCHEMAS, PARTS["parameters"], HEADERS]) if "example" in schema]

    assert len(schemas) == len(shown)
    assert [schema for schema in schemas if not validator(schema).is_valid(schema["example"])] == []


def _schemas(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _schemas(value)


def test_a_shape_refuses_what_it_does_not_have() -> None:
    permission = validator({"$ref": "#/components/schemas/Permission"})

    assert permission.is_valid({"nbf": None, "duration": None, "exp": None})
    assert not permission.is_valid({"nbf": None, "duration": None})
    assert not permission.is_valid({"nbf": None, "duration": None, "exp": None, "viewer": "x"})
    assert not permission.is_valid({"nbf": "2026-01-31T12:00:00Z", "duration": None, "exp": None})


def test_a_shape_needs_all_that_it_has() -> None:
    for name, schema in SCHEMAS.items():
        if "properties" in schema and name != "Health":
            always = [each for each in schema["properties"] if each != "requested_by"]
            assert always == schema["required"], name
            is_sent = name == "Subscription" or name.endswith("Question")
            assert is_sent or schema["additionalProperties"] is False, name


def test_every_problem_is_where_it_can_be_met() -> None:
    met = {code for each in operations() for response in each["responses"].values() for code in codes(response)}

    assert met == set(PROBLEM_TYPES) - OF_NO_OPERATION
    assert set(PARTS["responses"]) == {*PROBLEM_TYPES, "preflight"}


def test_every_problem_is_shown_as_it_is_answered() -> None:
    shown = {name: example["value"] for name, example in PARTS["examples"].items()}

    assert shown == {code: problem(code, REQUEST_ID) for code in PROBLEM_TYPES}
    assert properties("Problem")["code"]["enum"] == list(PROBLEM_TYPES)


def test_problems_of_one_status_stand_together_under_their_titles() -> None:
    for name, status, response in responses():
        if found := codes(response):
            assert {PROBLEM_TYPES[code].status for code in found} == {int(status) if status.isdigit() else _of(status)}
            titles = " ".join(f"{PROBLEM_TYPES[code].texts['en'].title}." for code in PROBLEM_TYPES if code in found)
            assert response["description"] == titles, (name, status)


def _of(code: str) -> int:
    return PROBLEM_TYPES[code].status


def test_every_answer_has_the_headers_of_every_answer() -> None:
    for name, status, response in responses():
        everywhere = {"X-Request-ID", *SECURITY_HEADERS, "Vary", *_cors("Allow-Origin", "Expose-Headers")}
        assert everywhere <= set(response["headers"]), (name, status)


def test_some_answers_have_headers_of_their_own() -> None:
    for _, status, response in responses():
        headers, number = set(response["headers"]), int(status) if status.isdigit() else 0
        if status in PROBLEM_TYPES:
            number = _of(status)
        assert ("Retry-After" in headers) == (number in (429, 503))
        assert ("WWW-Authenticate" in headers) == (number == 401)
        assert ("Content-Language" in headers) == (number >= 400)
        assert ("Allow" in headers) == (status in ("method_not_allowed", "preflight"))


def _cors(*names: str) -> set[str]:
    return {f"Access-Control-{name}" for name in names}


def test_headers_are_as_the_code_sends_them() -> None:
    fixed = {name: header["schema"]["const"] for name, header in HEADERS.items() if "const" in header["schema"]}

    assert {name: value for name, value in SECURITY_HEADERS.items() if name in fixed} == {
        name: value for name, value in fixed.items() if name in SECURITY_HEADERS
    }
    assert set(SECURITY_HEADERS) - set(fixed) == {"Content-Security-Policy"}
    assert fixed["Access-Control-Expose-Headers"] == ", ".join(sorted(cors.EXPOSED))
    assert fixed["Access-Control-Allow-Methods"] == ", ".join(sorted(cors.METHODS))
    assert fixed["Access-Control-Max-Age"] == str(cors.PREFLIGHT_LASTS)
    assert HEADERS["Content-Language"]["schema"]["enum"] == list(LANGUAGES)
    assert HEADERS["X-Request-ID"]["schema"]["pattern"] == whole(KEY)


def test_parameters_are_as_the_code_reads_them() -> None:
    (limit,) = (each["schema"] for each in operation("list_extensions")["parameters"] if each["name"] == "limit")
    parameters = PARTS["parameters"]

    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, goals.MAX_PAGE, goals.DEFAULT_PAGE)
    assert parameters["Idempotency-Key"]["schema"]["pattern"] == f'^({KEY.pattern}|"{KEY.pattern}")$'
    assert parameters["X-Request-ID"]["schema"]["pattern"] == whole(KEY)
    assert set(re.findall(r"`(.+?)`", parameters["lang"]["description"])) == set(LANGUAGES)
    assert {name for name in parameters if name.endswith("-Key") or name == "X-Request-ID"} <= set(cors.SENT)
    assert properties("Subscription")["socket_id"]["pattern"] == whole(SOCKET_ID)
    assert properties("Subscription")["channel_name"]["pattern"] == whole(CHANNEL)


def test_shapes_are_as_the_code_makes_them() -> None:
    assert SCHEMAS["Id"]["pattern"] == whole(HEX_24)
    assert properties("Extension")["status"]["enum"] == list(STATUSES)
    assert properties("Reason")["code"]["enum"] == list(REASONS)
    assert properties("Reason")["code"]["enum"][:-1] == list(REJECTIONS)
    assert properties("Extension")["viewers"]["maxItems"] == properties("Goal")["viewers"]["maxItems"] == MAX_VIEWERS
    assert properties("Extensions")["items"]["maxItems"] == goals.MAX_PAGE
    assert properties("Goals")["items"]["maxItems"] == goals.MAX_RUNNING
    assert properties("Extension")["duration"]["example"] == DURATION


@pytest.mark.parametrize("microseconds", [0, 1, 999_999])
def test_times_are_as_the_code_writes_them(microseconds: int) -> None:
    time = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC) + timedelta(microseconds=microseconds)

    assert re.fullmatch(SCHEMAS["Time"]["pattern"], iso(time))
    assert not re.fullmatch(SCHEMAS["Time"]["pattern"], time.isoformat())


def test_numbers_in_its_words_are_those_of_the_code() -> None:
    assert f"at most {goals.MAX_RUNNING}." in operation("list_goals")["summary"]
    assert f"by {DURATION} seconds." in operation("extend_goal")["summary"]
    assert f"up to {requests.MAX_BODY} bytes" in operation("extend_goal")["description"]
    assert description()["openapi"] == properties_of_the_description()["openapi"]["const"]


def properties_of_the_description() -> dict[str, Any]:
    media = operation("get_description")["responses"]["200"]["content"]["application/json"]
    fields: dict[str, Any] = media["schema"]["properties"]
    return fields
