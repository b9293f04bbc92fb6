"""/console: the live page for a streamer, and what a viewer's browser knows. Static files, and where Pusher is."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify
from werkzeug.routing import PathConverter

from swag_goals.api import problems

blueprint = Blueprint(
    "console",
    __name__,
    url_prefix="/console",
    static_folder=Path(__file__).parent.parent / "console",
    static_url_path="",
)


class FileConverter(PathConverter):
    """A file in a path. Werkzeug's own tries to end one, of any length, after each of its characters."""

    regex = "[^/].{0,99}"


@blueprint.get("")
def streamer() -> Response:
    """The streamer's page."""
    return blueprint.send_static_file("streamer.html")


@blueprint.get("/viewer")
def viewer() -> Response:
    """The viewer's page."""
    return blueprint.send_static_file("viewer.html")


@blueprint.get("/pusher.json")
def pusher() -> Response:
    """Where a browser connects, and as which app. The app's key is public; its secret stays here."""
    settings = current_app.extensions["swag_goals"].settings
    return jsonify(key=settings.pusher.key, ws_url=settings.pusher_ws_url)


@blueprint.errorhandler(OverflowError)
def refuse(_error: OverflowError) -> Response:
    """Werkzeug fails on a date in a header that no machine can hold."""
    return problems.answer("bad_request")


@blueprint.after_request
def confine(response: Response) -> Response:
    """Let the page load its own files alone, connect to this service and Pusher alone, and send no form."""
    pusher = urlsplit(current_app.extensions["swag_goals"].settings.pusher_ws_url)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {pusher.scheme}://{pusher.netloc}; media-src blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return response
