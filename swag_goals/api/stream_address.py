"""The address of a stream, as proxies and media servers repeat it: which session it may be of, and the ticket in it."""

import re
from urllib.parse import unquote

_TICKET = re.compile(r"(?<![^&])ticket=([^&]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def tickets(query: str) -> list[str]:
    """What stands in the query as `ticket`."""
    return [unquote(each) for each in _TICKET.findall(query)]


def session_ids(path: str) -> list[str]:
    """The segments of the path that is served, and the last one's name before its first dot.

    Servers decode a path first and take its dot segments away then: `/a%2Fb/../x` is `/a/x`. They do not agree where
    a `#` or a control character ends it; such a path is of no session.
    """
    decoded = unquote(path)
    if "#" in path or _CONTROL.search(decoded):
        return []
    segments: list[str] = []
    for segment in decoded.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return [*segments, *(segment.partition(".")[0] for segment in segments[-1:])]
