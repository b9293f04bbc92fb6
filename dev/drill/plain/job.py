"""The job: the update and the events, with nothing that makes them safe."""

import os
from datetime import datetime
from functools import cache
from typing import Any

from bson import ObjectId
from pusher import Pusher
from pymongo import MongoClient, ReturnDocument
from pymongo.collection import Collection

from dev.drill.audit import DURATION
from swag_goals.events.stream_authorized import NAME, channel
from swag_goals.settings import Settings


def update_session_viewer_permissions(
    session_id: ObjectId, viewers: list[str], streamer_id: str, nbf: datetime, extension_id: str
) -> None:
    """Give the seconds, then notify the viewers."""
    permissions = grant(session_id, viewers, nbf, extension_id=extension_id)
    notify(permissions, streamer_id, extension_id=extension_id)


def grant(session_id: ObjectId, viewers: list[str], nbf: datetime, *, extension_id: str) -> dict[str, Any]:
    """Seconds from now on, or from when the permission ends if that is later; the permissions after it."""
    fields: dict[str, Any] = {}
    for viewer in (f"viewers.{viewer}" for viewer in viewers):
        fields[f"{viewer}.nbf"] = {"$ifNull": [f"${viewer}.nbf", nbf]}
        fields[f"{viewer}.duration"] = {"$add": [{"$max": [f"${viewer}.duration", 0]}, DURATION]}
        fields[f"{viewer}.exp"] = {"$add": [{"$max": [nbf, f"${viewer}.exp"]}, DURATION * 1000]}
    session = _sessions().find_one_and_update(
        {"_id": session_id}, [{"$set": fields}], return_document=ReturnDocument.AFTER
    )
    assert session
    return {viewer: session["viewers"][viewer] for viewer in viewers}


def notify(permissions: dict[str, Any], streamer_id: str, *, extension_id: str) -> None:
    """One event for each viewer."""
    events = [
        {
            "channel": channel(streamer_id, viewer),
            "name": NAME,
            "data": {"extension_id": extension_id, "duration": permission["duration"]},
        }
        for viewer, permission in permissions.items()
    ]
    _pusher().trigger_batch(events)


@cache
def _sessions() -> Collection[dict[str, Any]]:
    return MongoClient[dict[str, Any]](os.environ["MONGODB_URI"]).get_default_database().session


@cache
def _pusher() -> Pusher:
    app = Settings.from_environ(os.environ).pusher
    return Pusher(app.app_id, app.key, app.secret, ssl=app.tls, host=app.host, port=app.port)
