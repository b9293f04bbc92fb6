"""One request and its answer: all of the one is here, and all of the other is made, before any of it is sent."""

from collections.abc import Iterator
from contextlib import closing, nullcontext
from typing import Any

from gunicorn.http import wsgi
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser

from swag_goals.server.refusals import RequestIncomplete, refusal


class _Sent(list[bytes]):
    """In place of a socket: who answers never waits for the client."""

    sendall = list.append

    def send(self, _continue: bytes) -> None:
        """100 Continue: the client was told before, or did not wait for it."""


def answer(worker: Any, request: bytes, client: Any, server: Any) -> tuple[bytes, bool]:
    """The app's answer, or a refusal, and whether the connection goes on behind it."""
    sent = _Sent()
    try:
        goes_on = _exchange(worker, RequestParser(worker.cfg, read_once(request), client), sent, client, server)
    except Exception as error:  # noqa: BLE001 (whatever it is, the client is answered, and it is logged)
        return refusal(error), False
    return b"".join(sent), goes_on


def _exchange(worker: Any, parser: Any, sent: _Sent, client: Any, server: Any) -> bool:
    request = next(parser)
    response, environ = wsgi.create(request, sent, client, server, worker.cfg)
    environ["wsgi.multithread"] = True
    items = worker.wsgi(environ, response.start_response)
    with closing(items) if hasattr(items, "close") else nullcontext():
        # Asked as late as this, so that whoever is answered during a stop hears of it.
        if not (_is_read(parser) and worker.alive):
            response.force_close()
        for item in items:
            response.write(item)
        response.close()
    return not response.should_close()


def _is_read(parser: Any) -> bool:
    """Whether it is certain that the next request begins behind this one."""
    try:
        return parser.finish_body() and not parser.unreader.take_buffered()
    except ParseException:
        return False


def read_once(request: bytes) -> Iterator[bytes]:
    """The request, for gunicorn's parser, which may ask for more than there is.

    :raises RequestIncomplete: it does.
    """
    yield request
    raise RequestIncomplete
