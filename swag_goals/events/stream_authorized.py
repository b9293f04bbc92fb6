"""The event `stream.authorized`: what a viewer's browser is notified of."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from swag_goals.documents.extension import Extension
from swag_goals.times import iso

NAME = "stream.authorized"
CHANNEL = re.compile(r"presence-stream-viewer@([0-9a-f]{24})\.sd\.([0-9a-f]{24})")


@dataclass(frozen=True, eq=False)
class Event:
    """One event on one channel, to be sent once. It equals itself alone: another may say the same."""

    channel: str
    name: str
    data: dict[str, Any]


def channel(streamer_id: str, viewer_id: str) -> str:
    """The channel of one viewer of a streamer's standard-definition stream."""
    return f"presence-stream-viewer@{streamer_id}.sd.{viewer_id}"


def parties(name: str) -> tuple[str, str] | None:
    """The ids of the streamer and the viewer whose channel this is; None for another channel."""
    match = CHANNEL.fullmatch(name)
    return (match[1], match[2]) if match else None


def events(extension: Extension, permissions: dict[str, Any], revision: int, server_time: datetime) -> list[Event]:
    """One event for each of the `{viewer: {nbf, duration, exp}}`; after a void it may be null, or its times."""
    whole = {viewer: each for viewer, each in permissions.items() if each and None not in each.values()}
    return [_event(extension, viewer, permission, revision, server_time) for viewer, permission in whole.items()]


def _event(
    extension: Extension, viewer: str, permission: dict[str, Any], revision: int, server_time: datetime
) -> Event:
    """The viewer's permission at `server_time`. The data is absolute: receiving it twice does no harm."""
    return Event(
        channel(str(extension.streamer_id), viewer),
        NAME,
        {
            "session_id": str(extension.session_id),
            "goal_id": str(extension.goal_id),
            "viewer_id": viewer,
            "nbf": iso(permission["nbf"]),
            "duration": int(permission["duration"]),
            "exp": iso(permission["exp"]),
            "extension_id": str(extension.void_of or extension.id),
            "revision": revision,
            "server_time": iso(server_time),
        },
    )
