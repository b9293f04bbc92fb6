"""Examples for the description: one extension, before and after its job."""

import json

REQUEST_ID = "0b8f6a52-3d0e-4a53-9c0e-3f4f2f5c9a77"
GOAL, SESSION, VIEWER, ID, STREAMER = (f"68233d1c5f0a7d3e9c4b2a1{digit}" for digit in "01234")

RUNNING = {"id": GOAL, "streamer_id": STREAMER, "session_id": SESSION, "viewers": [VIEWER]}

BEFORE = {"nbf": "2026-01-31T11:55:00.000Z", "duration": 300, "exp": "2026-01-31T12:00:00.000Z"}
AFTER = {"nbf": "2026-01-31T11:55:00.000Z", "duration": 360, "exp": "2026-01-31T12:01:02.000Z"}

PENDING = {
    "id": ID,
    "goal_id": GOAL,
    "session_id": SESSION,
    "viewers": [VIEWER],
    "duration": 60,
    "nbf": "2026-01-31T12:00:02.000Z",
    "status": "pending",
    "requested_at": "2026-01-31T12:00:02.000Z",
    "applied_nbf": None,
    "applied_at": None,
    "notified_at": None,
    "permissions": None,
    "before": None,
    "reason": None,
    "links": {"self": f"/goals/{GOAL}/extensions/{ID}"},
}
DONE = PENDING | {
    "status": "done",
    "applied_nbf": "2026-01-31T12:00:02.000Z",
    "applied_at": "2026-01-31T12:00:02.012Z",
    "notified_at": "2026-01-31T12:00:02.017Z",
    "permissions": {VIEWER: AFTER},
    "before": {VIEWER: BEFORE},
}

STANDING = {"session_id": SESSION, "revision": 1769860802012, "server_time": "2026-01-31T12:00:02.500Z"}
MY_PERMISSION = {**STANDING, "viewer_id": VIEWER, **AFTER}
PERMISSIONS = {**STANDING, "permissions": {VIEWER: AFTER}}

AUTHORIZATION = {"auth": f"278d425bdf160c739803:{'5' * 64}", "channel_data": json.dumps({"user_id": VIEWER})}
