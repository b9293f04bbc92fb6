"""Fills the template `api.rst` with what the program itself serves as `/openapi.json`."""

import json
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, StrictUndefined
from sphinx.application import Sphinx

from swag_goals.app import create_app

Description = dict[str, Any]

# Well-formed, since without settings nothing starts; nobody is called there.
SETTINGS = {
    "MONGODB_URI": "mongodb://nowhere/docs",
    "REDIS_URL": "redis://nowhere",
    "PUSHER_URL": "https://key:secret@api-eu.pusher.com/apps/1",
    "JWT_KEYS": json.dumps({"docs": "-" * 32}),
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register it as an extension of Sphinx."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True}


def _fill(_app: Sphinx, document: str, source: list[str]) -> None:
    if document != "api":
        return
    description = create_app(SETTINGS).test_client().get("/openapi.json").get_json()
    jinja = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701
    template = jinja.from_string(source[0])
    operations = list(_operations(description))
    source[0] = template.render(
        description,
        operations=operations,
        anywhere=sorted(set.intersection(*(set(_codes(operation)) for operation in operations))),
        problems=_problems(description),
        shapes=_shapes(description),
        json=lambda value: json.dumps(value, indent=2),
        kind=_kind,
    )


def _operations(description: Description) -> Iterator[Description]:
    """The operations with their methods and paths, and what they refer to in its place."""
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield operation | {
                    "title": f"{method.upper()} {path}",
                    "parameters": [
                        *item.get("parameters", []),
                        *(_resolved(each, description) for each in operation["parameters"]),
                    ],
                    "responses": {
                        status: _resolved(each, description) for status, each in operation["responses"].items()
                    },
                }


def _shapes(description: Description) -> Description:
    """The schemas that something refers to, besides that of problems; flask-smorest brings others."""
    referring = json.dumps(description)
    schemas: Description = description["components"]["schemas"]
    return {name: schema for name, schema in schemas.items() if f'"#/components/schemas/{name}"' in referring}


def _codes(operation: Description) -> Iterator[str]:
    """The codes of the problems that the operation may answer."""
    for answer in operation["responses"].values():
        yield from answer["content"].get("application/problem+json", {}).get("examples", ())


def _problems(description: Description) -> list[Description]:
    """Every problem there is, by status."""
    answers = description["components"]["responses"].values()
    examples = [answer["content"]["application/problem+json"]["examples"] for answer in answers]
    problems = [example["value"] for each in examples for example in each.values()]
    return sorted(problems, key=lambda problem: (problem["status"], problem["code"]))


def _resolved(part: Description, description: Description) -> Description:
    if "$ref" not in part:
        return part
    for step in part["$ref"].removeprefix("#/").split("/"):
        description = description[step]
    return description


def _kind(schema: Description) -> str:
    """What a JSON Schema allows, in a few words of reStructuredText."""
    match schema:
        case {"$ref": path}:
            name = path.split("/")[-1]
            return f":ref:`{name} <shape-{name}>`"
        case {"anyOf": schemas}:
            return " or ".join(map(_kind, schemas))
        case {"items": items}:
            return f"array of {_kind(items)}"
        case {"additionalProperties": dict(values)}:
            return f"object from ids to {_kind(values)}"
    return _plain_kind(schema)


def _plain_kind(schema: Description) -> str:
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        return ", ".join(f"``{value}``" for value in values)
    if schema.get("pattern") == "^[0-9a-f]{24}$":
        return "id"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return "time" if schema.get("format") == "date-time" else " or ".join(kinds)
