"""The description of the API, OpenAPI 3.1: made from the views' routes and operations.py."""

from flask import Flask
from flask_smorest import Api, Blueprint

from swag_goals.api.docs import register_docs
from swag_goals.api.ids import IdConverter
from swag_goals.api.operations import problem_answer
from swag_goals.api.schemas import ID, KEY, SCHEMAS
from swag_goals.representations.problem_types import PROBLEM_TYPES

ABOUT = "More paid seconds for the viewers of a one-to-one live session."

TEXT = {"type": "string"}
PARAMETERS = {
    "lang": ("query", TEXT, "The language of problems, `en` or `zh-hant`; wins over Accept-Language."),
    "Accept-Language": ("header", TEXT, "The language of problems, as browsers say it."),
    "Idempotency-Key": ("header", KEY, "The same key again is the same extension."),
}
HEADERS = {
    "X-Request-ID": (TEXT, "The request's id: the one that was sent, if it was well-formed."),
    "Location": (TEXT, "The extension's path."),
    "Idempotent-Replayed": ({"const": "true"}, "On the answer to a repeat."),
    "Retry-After": ({"type": "integer", "minimum": 1}, "Seconds."),
    "WWW-Authenticate": (TEXT, "That a bearer token is needed."),
    "Content-Language": ({"enum": ["en", "zh-hant"]}, "The language of title and detail."),
}


def register_description(app: Flask, *blueprints: Blueprint) -> None:
    """Serve the blueprints, and what they offer as `/openapi.json` and `/docs`."""
    app.config.update(API_TITLE="swag_goals", API_VERSION="1", OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX="/")
    api = Api(app, spec_kwargs={"info": {"description": ABOUT}})
    api.DEFAULT_ERROR_RESPONSE_NAME = None  # every answer is listed
    api.register_converter(IdConverter, lambda _converter: ID)
    for name, schema in SCHEMAS.items():
        api.spec.components.schema(name, schema)
    for name, (place, schema, description) in PARAMETERS.items():
        parameter = {"name": name, "schema": schema, "description": description}
        api.spec.components.parameter(name, place, parameter)
    for name, (shape, meaning) in HEADERS.items():
        api.spec.components.header(name, {"schema": shape, "description": meaning})
    for code in PROBLEM_TYPES:
        api.spec.components.response(code, problem_answer(code))
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    register_docs(app, api.spec)
