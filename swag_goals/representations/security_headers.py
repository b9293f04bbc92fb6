"""Headers of every answer that does not say otherwise itself: it is for its caller alone, and no page."""

from collections.abc import Iterable
from typing import Any

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


def with_security_headers(app: Any) -> Any:
    """The app, as WSGI middleware: outside of Flask a header is a pair in a list and costs nothing."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            given = {name for name, _ in headers}
            missing = [header for header in SECURITY_HEADERS.items() if header[0] not in given]
            return start_response(status, headers + missing, *error)

        return app(environ, start)

    return call
