"""The address of a stream, as proxies and media servers repeat it: which session it may be of, and the ticket in it."""

import re
from typing import NamedTuple
from urllib.parse import unquote

_TICKET = re.compile(r"(?<![^&])ticket=([^&]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class StreamAddress(NamedTuple):
    """What in its path may be a session's id, and the tickets in its query."""

    session_ids: list[str]
    tickets: list[str]


def stream_address(path: str, query: str = "") -> StreamAddress:
    """The address, by its raw path and query; a path without a slash in front, or with one too many, is the same."""
    return StreamAddress(session_ids(path), [unquote(each) for each in _TICKET.findall(query)])


def split(address: str) -> StreamAddress:
    """The address, by all of it from the path on."""
    path, _, query = address.partition("?")
    return stream_address(path, query)


def session_ids(path: str) -> list[str]:
    """The segments of the path that is served, and the last one's name before its first dot.

    Servers decode a path first and then take its dot segments away, so that `/a%2Fb/../x` is `/a/x`. Where they
    cut it they do not agree: a path with a `#` or a control character is none.
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
