"""gunicorn's worker, whose own refusals are problems too: what is no HTTP never reaches Flask."""

import json
import logging
import socket
import traceback
import uuid
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

from swag_goals.representations.problem_types import PROBLEM_TYPES, problem
from swag_goals.representations.security_headers import SECURITY_HEADERS
from swag_goals.server.timeout_socket import RequestIncomplete, TimeoutSocket

log = logging.getLogger(__name__)

# Without these sixteen clients that are slow on purpose hold all threads for ever.
MAX_PAUSE = 5.0  # seconds, in the middle of sending a request or of reading an answer
MAX_REQUEST = 20.0  # seconds, to send all of it
# For a client that still sends, to read its answer before the connection is gone.
LINGER = 0.5  # seconds

# The first that fits.
_CODES = {
    errors.InvalidResponseHeader: "internal_error",
    errors.InvalidResponseHeaderName: "internal_error",
    errors.LimitRequestLine: "address_too_long",
    errors.LimitRequestHeaders: "headers_too_large",
    errors.ExpectationFailed: "expectation_failed",
    RequestIncomplete: "request_incomplete",
    errors.ParseException: "bad_request",
    Exception: "internal_error",
}


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker with threads that repeats nothing of what it refuses, neither in its answer nor in its log."""

    def handle(self, conn: TConn) -> Any:
        """Serve what comes on the connection."""
        if not isinstance(conn.sock, TimeoutSocket):
            conn.sock = TimeoutSocket.instead_of(conn.sock, MAX_PAUSE)
        # By itself gunicorn keeps a thread for each silent client, five seconds long; browsers connect ahead.
        if not conn.initialized and not conn.wait_for_data(0):
            return _DEFER
        conn.sock.expect_all_within(MAX_REQUEST)
        goes_on = super().handle(conn)
        if not goes_on:
            # By itself gunicorn would wait for the client in its one thread that accepts.
            util.close_graceful(conn.sock, LINGER)
            conn.close = lambda graceful=False: None
        return goes_on

    def handle_error(self, request: Any, client: socket.socket, _address: Any, error: Exception) -> None:
        """Answer in place of Flask; what is wrong with a request that Flask had was answered there."""
        code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
        request_id = str(uuid.uuid4())
        cause = {"cause": type(error).__name__, "request_id": request_id}
        if code == "internal_error":
            log.error("crashed", extra={**cause, "at": traceback.format_tb(error.__traceback__, limit=-5)})
        elif request is None:
            log.info("refused", extra=cause)
        else:
            return
        with suppress(OSError):
            util.write_nonblock(client, _response(code, request_id))


def _response(code: str, request_id: str) -> bytes:
    body = json.dumps(problem(code, request_id)).encode()
    status = HTTPStatus(PROBLEM_TYPES[code].status)
    headers = SECURITY_HEADERS | {
        "Connection": "close",
        "Content-Language": "en",
        "Content-Length": str(len(body)),
        "Content-Type": "application/problem+json",
        "X-Request-ID": request_id,
    }
    lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body
