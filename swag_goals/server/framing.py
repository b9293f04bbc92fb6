"""Where a request ends: as much of HTTP as is needed to wait for all of it. gunicorn's parser judges the rest."""

import re
from typing import NamedTuple

from gunicorn.http.errors import LimitRequestHeaders

# A client that sends more is not waited for. Bytes.
MAX_HEAD = 32 * 1024
MAX_AWAITED_BODY = 8 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*0*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_CONTINUE = re.compile(rb"[^\r]* HTTP/1\.1\r\n(.*\r\n)?expect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE | re.DOTALL)


class Extent(NamedTuple):
    """How long a request is, body included, and whether its client waits to be told to send that."""

    size: int
    expects_continue: bool


def extent(received: bytearray) -> Extent | None:
    """The extent of the request that begins here; None while its head is not whole.

    A body that no route takes is left out, as chunks are: such a request is refused unread.

    :raises LimitRequestHeaders: the head is larger than anybody needs.
    """
    at = received.find(b"\r\n\r\n")
    end = at + 4
    if (len(received) if at < 0 else end) > MAX_HEAD:
        raise LimitRequestHeaders("too large")
    if at < 0:
        # A line that ends otherwise is refused, and must not be waited behind.
        malformed = received.count(b"\n") > received.count(b"\r\n")
        return Extent(len(received), expects_continue=False) if malformed else None
    length = _LENGTH.search(received, 0, end)
    body = int(length[1]) if length else 0
    if not 0 < body <= MAX_AWAITED_BODY:
        return Extent(end, expects_continue=False)
    return Extent(end + body, expects_continue=bool(_CONTINUE.match(received, 0, end)))
