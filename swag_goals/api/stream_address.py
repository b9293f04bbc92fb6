"""The address of a stream, as proxies and media servers repeat it: which session it may be of, and the ticket in it."""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

MAX_DECODED = 1024  # characters of a value; nobody needs more
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def values(query: str, name: str) -> Iterator[str]:
    """What stands in the query under the name.

    Flask's own `args` cost whoever is refused as much as a stranger likes to send.
    """
    return map(_decoded, _raw(query, name))


def tickets(query: str) -> list[str]:
    """What stands in the query as `ticket`; of different ones the first two, since two are as bad as more."""
    return [_decoded(each) for each in islice(dict.fromkeys(filter(None, _raw(query, "ticket"))), 2)]


def session_ids(path: str) -> Iterator[str]:
    """The segments of the path that is served, and the last one's name before its first dot.

    Servers decode a path first and take its dot segments away then: `/a%2Fb/../x` is `/a/x`. They do not agree where
    a `#` or a control character ends it; such a path is of no session. Not looked at before somebody asks.
    """
    decoded = unquote(path)
    if "#" in path or _CONTROL.search(decoded):
        return
    segments: list[str] = []
    for segment in decoded.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    yield from segments
    yield from (segment.partition(".")[0] for segment in segments[-1:])


def _raw(query: str, name: str) -> list[str]:
    # Its first letters are plain ones, for which a query is searched several times as fast.
    return re.findall(f"{name}=(?<![^&]{name}=)([^&]*)", query)


def _decoded(value: str) -> str:
    return value if len(value) > MAX_DECODED else unquote(value)
