"""Logs: one line of JSON an event, on stderr, with the request's and the extension's ids."""

import logging
from typing import Any

from flask import g, has_request_context
from gunicorn.glogging import Logger
from pythonjsonlogger.json import JsonFormatter

# Whose usual lines say nothing new, or repeat headers and paths that nobody has checked.
TOO_TALKATIVE = ("flask_cors", "gunicorn.error", "pymongo", "rq.worker", "rq.job")


class _Formatter(JsonFormatter):
    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        if has_request_context() and "request_id" in g:
            log_data["request_id"] = g.request_id


def configure_logs() -> None:
    """Log what this program says, and of its libraries what is a warning at the least."""
    names = {"asctime": "time", "levelname": "level", "name": "logger"}
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("{asctime}{levelname}{name}{message}", style="{", rename_fields=names))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in TOO_TALKATIVE:
        library = logging.getLogger(name)
        library.setLevel(logging.WARNING)
        # gunicorn has given its logger a handler, and has turned off that its lines go on to the root.
        library.handlers.clear()
        library.propagate = True


class GunicornLogger(Logger):  # type: ignore[misc]
    """gunicorn's own lines like the rest, also those of its first process, which never makes the app."""

    def setup(self, cfg: Any) -> None:
        """Begin to log."""
        super().setup(cfg)
        configure_logs()
