"""GET /docs: the description as a page, with no script and no file from another host."""

import base64
import hashlib
import json
from functools import cache, partial
from pathlib import Path
from typing import Any

from apispec import APISpec
from flask import Flask, Response, render_template

STYLE = (Path(__file__).parent.parent / "templates" / "docs.css").read_text()
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"


def register_docs(app: Flask, spec: APISpec) -> None:
    """Serve the page of what `spec` describes."""

    @cache
    def page() -> str:
        described = spec.to_dict()
        pretty = partial(json.dumps, indent=2)
        return render_template("docs.html", style=STYLE, pretty=pretty, operations=_operations(described), **described)

    @app.get("/docs")
    def docs() -> Response:
        return Response(page(), headers={"Content-Security-Policy": POLICY})


def _operations(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The operations, each with its method and path, and with what it refers to instead of the references."""
    found = []
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            parameters = [*item.get("parameters", []), *operation["parameters"]]
            found.append(
                operation
                | {
                    "method": method.upper(),
                    "path": path,
                    "parameters": [_resolved(parameter, spec) for parameter in parameters],
                    "responses": {status: _resolved(each, spec) for status, each in operation["responses"].items()},
                }
            )
    return found


def _resolved(part: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    for step in part.get("$ref", "").removeprefix("#/").split("/") if "$ref" in part else ():
        spec = spec[step]
    return spec if "$ref" in part else part
