"""The API's description, openapi.yaml: as /openapi.json for tools, and as /docs for people."""

import base64
import hashlib
import json
from functools import cache, partial, reduce
from operator import getitem
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template

TEMPLATES = Path(__file__).parent.parent / "templates"
STYLE = (TEMPLATES / "docs.css").read_text()
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"

blueprint = Blueprint("docs", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description in JSON."""
    return Response(_as_json(), content_type="application/json")


@blueprint.get("/docs")
def page() -> Response:
    """The description as a page, with no script and no file from another host."""
    return Response(_as_page(), headers={"Content-Security-Policy": POLICY})


@cache
def description() -> dict[str, Any]:
    """The description as it is written; read when it is first asked for, as few processes ever are."""
    import yaml  # noqa: PLC0415

    safe_loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with Path(__file__).with_name("openapi.yaml").open("rb") as file:
        return yaml.load(file, safe_loader)  # noqa: S506


@cache
def operations() -> list[dict[str, Any]]:
    """The operations, each with its method, its path and the parameters of both, and `resolved`."""
    return [
        operation | {"method": method.upper(), "path": path, "parameters": shared + operation["parameters"]}
        for path, item in resolved(description()["paths"]).items()
        for shared in [item.pop("parameters", [])]
        for method, operation in item.items()
    ]


def resolved(part: Any) -> Any:
    """The part of the description, with what it refers to in place of the references, but for schemas."""
    match part:
        case {"$ref": str(path)} if not path.startswith("#/components/schemas/"):
            return resolved(reduce(getitem, path.split("/")[1:], description()))
        case dict():
            return {name: resolved(value) for name, value in part.items()}
        case list():
            return [resolved(value) for value in part]
    return part


@cache
def _as_json() -> bytes:
    return json.dumps(description()).encode()


@cache
def _as_page() -> str:
    pretty = partial(json.dumps, indent=2, ensure_ascii=False)
    return render_template("docs.html", style=STYLE, pretty=pretty, operations=operations(), **description())
