"""CORS: which pages may call from a browser, with what, and what they may read of the answer."""

import re

from flask import Flask
from flask_cors import CORS

METHODS = ["GET", "PUT", "POST"]
SENT = [
    "Authorization",
    "X-Client-ID",
    "X-Request-ID",
    "X-Session-ID",
    "Idempotency-Key",
    "Content-Type",
    "Accept-Language",
    "Cache-Control",
    "Pragma",
]
EXPOSED = ["Location", "X-Request-ID", "Idempotent-Replayed", "Retry-After", "Content-Language"]
PREFLIGHT_LASTS = 600  # seconds


def register_cors(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of exactly these origins call; all others get no CORS header."""
    CORS(
        app,
        # As text they would be compared without regard to case.
        origins=[re.compile(re.escape(origin) + r"\Z") for origin in origins],
        methods=METHODS,
        # As nine texts each would be compared with whatever a page asks for.
        allow_headers=re.compile(rf"({'|'.join(SENT)})\Z", re.IGNORECASE),
        expose_headers=EXPOSED,
        max_age=PREFLIGHT_LASTS,
        intercept_exceptions=False,  # they are answered before, and would get their headers twice
    )
