"""Fills the template `api.rst` with the API's description, swag_goals/api/openapi.yaml."""

import json
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, StrictUndefined
from sphinx.application import Sphinx

from swag_goals.api.docs import description, operations, resolved

Description = dict[str, Any]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register it as an extension of Sphinx."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True}


def _fill(_app: Sphinx, document: str, source: list[str]) -> None:
    if document != "api":
        return
    jinja = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701
    template = jinja.from_string(source[0])
    source[0] = template.render(
        description(),
        operations=[{**each, "title": f"{each['method']} {each['path']}"} for each in operations()],
        anywhere=sorted(set.intersection(*(set(_codes(operation)) for operation in operations()))),
        problems=sorted(_problems(), key=lambda problem: (problem["status"], problem["code"])),
        json=lambda value: json.dumps(value, indent=2),
        kind=_kind,
    )


def _codes(operation: Description) -> Iterator[str]:
    """The codes of the problems that the operation may answer."""
    for answer in operation["responses"].values():
        yield from answer["content"].get("application/problem+json", {}).get("examples", ())


def _problems() -> list[Description]:
    return [example["value"] for example in resolved(description()["components"]["examples"]).values()]


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
    return " or ".join(schema["type"]) if isinstance(schema["type"], list) else schema["type"]
