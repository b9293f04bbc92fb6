"""The shapes of what is sent and answered, as JSON Schemas for the description.

Nothing is loaded or dumped by them: an extension is too hot a path for that.
"""

from typing import Any

from swag_goals.documents.extension import STATUSES
from swag_goals.documents.goal import MAX_VIEWERS
from swag_goals.documents.ids import HEX_24
from swag_goals.events.pusher_channels import SOCKET_ID
from swag_goals.events.stream_authorized import CHANNEL
from swag_goals.representations.problem_types import PROBLEM_TYPES
from swag_goals.services.idempotency import KEY as KEY_FORM

Schema = dict[str, Any]

ID: Schema = {"type": "string", "pattern": f"^{HEX_24.pattern}$", "example": "68233d1c5f0a7d3e9c4b2a10"}
TIME: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
    "example": "2026-01-31T12:00:00.000Z",
}
KEY: Schema = {
    "type": "string",
    "pattern": f'^({KEY_FORM.pattern}|"{KEY_FORM.pattern}")$',
    "example": "0b8f6a52-3d0e-4a53-9c0e-3f4f2f5c9a77",
}
DEFAULT_PAGE, MAX_PAGE = 50, 200
MAX_RUNNING = 50
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE}
REVISION: Schema = {
    "type": ["integer", "null"],
    "description": "Grows with every change of the session's permissions; null before the first one.",
    "example": 1769860800000,
}


def ref(name: str) -> Schema:
    """A reference to one of SCHEMAS."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def whole(properties: dict[str, Schema], **more: Any) -> Schema:
    """An object with all of these properties and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


def by_viewer(schema: Schema) -> Schema:
    """An object from viewers' ids."""
    return {"type": "object", "propertyNames": ID, "additionalProperties": schema}


_PERMISSION = {
    "nbf": {**nullable(TIME), "description": "Not before."},
    "duration": {"type": ["integer", "null"], "description": "Seconds bought in all.", "example": 360},
    "exp": {**nullable(TIME), "description": "When it ends."},
}
_STANDING = {"revision": REVISION, "server_time": TIME}

SCHEMAS: dict[str, Schema] = {
    "Goal": whole(
        {
            "id": ID,
            "streamer_id": ID,
            "session_id": {**nullable(ID), "description": "Null where the goal cannot be extended."},
            "viewers": {
                "type": "array",
                "items": ID,
                "maxItems": MAX_VIEWERS,
                "description": "Whose time is extended; empty where the goal cannot be extended.",
            },
        }
    ),
    "Goals": whole({"items": {"type": "array", "items": ref("Goal"), "maxItems": MAX_RUNNING}}),
    "Permission": whole(_PERMISSION),
    "Extension": whole(
        {
            "id": ID,
            "goal_id": ID,
            "session_id": ID,
            "viewers": {"type": "array", "items": ID, "minItems": 1, "maxItems": MAX_VIEWERS},
            "duration": {"type": "integer", "description": "Seconds given to each viewer.", "example": 60},
            "nbf": {**TIME, "description": "The time of the request; what is not used up begins no earlier."},
            "status": {
                "enum": list(STATUSES),
                "description": "`pending`: recorded. `applied`: the seconds are given. `done`: the viewers are "
                "notified too. `rejected`: it cannot be applied as the session stands; nothing was changed.",
            },
            "requested_at": TIME,
            "applied_nbf": {**nullable(TIME), "description": "The `nbf` that was used: later, if the job was late."},
            "applied_at": nullable(TIME),
            "notified_at": nullable(TIME),
            "permissions": {**nullable(by_viewer(ref("Permission"))), "description": "After it was applied."},
            "before": {
                **nullable(by_viewer(nullable(ref("Permission")))),
                "description": "Before it was applied; null where that can no longer be known.",
            },
            "reason": {
                **nullable(whole({"code": {"type": "string"}, "detail": {"type": "string"}})),
                "description": "Why it was rejected, or why the viewers could not be notified.",
            },
            "links": whole({"self": {"type": "string"}}),
        }
    ),
    "Extensions": whole(
        {
            "items": {"type": "array", "items": ref("Extension")},
            "next": {**nullable(ID), "description": "The cursor of the next page; null on the last one."},
        }
    ),
    "MyPermission": whole({"session_id": ID, **_STANDING, "viewer_id": ID, **_PERMISSION}),
    "Permissions": whole({"session_id": ID, **_STANDING, "permissions": by_viewer(ref("Permission"))}),
    "Subscription": {
        "type": "object",
        "properties": {
            "socket_id": {"type": "string", "pattern": f"^{SOCKET_ID.pattern}$", "example": "1234.5678"},
            "channel_name": {
                "type": "string",
                "pattern": f"^{CHANNEL.pattern}$",
                "description": "`presence-stream-viewer@{streamer_id}.sd.{viewer_id}`",
            },
        },
        "required": ["socket_id", "channel_name"],
    },
    "ChannelAuthorization": whole(
        {
            "auth": {"type": "string", "description": "Pusher's signature, after the app's key and a colon."},
            "channel_data": {"type": "string", "description": "JSON with the caller's `user_id`."},
        }
    ),
    "Health": {
        "type": "object",
        "properties": {
            "status": {"enum": ["ok", "degraded"]},
            "mongodb": {"const": "ok"},
            "redis": {"enum": ["ok", "away"]},
        },
        "required": ["status"],
        "additionalProperties": False,
    },
    "Problem": whole(
        {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What to do, in the caller's language."},
            "code": {"enum": list(PROBLEM_TYPES)},
            "request_id": {"type": "string"},
        },
        description="Problem details of RFC 9457.",
    ),
}
