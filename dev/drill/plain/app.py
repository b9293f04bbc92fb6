"""The view: find the goal, enqueue the job, answer."""

import os
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask import Flask, Response, abort, jsonify, request
from pymongo import MongoClient
from redis import Redis
from rq import Queue, Retry

from dev.drill.plain.job import update_session_viewer_permissions
from swag_goals.documents.extension import Extension

app = Flask(__name__)
goals = MongoClient[dict[str, Any]](os.environ["MONGODB_URI"], connect=False).get_default_database().goal
queue = Queue("plain", connection=Redis.from_url(os.environ["REDIS_URL"]))


@app.get("/readyz")
def readyz() -> Response:
    """For the stack, which waits for it."""
    return jsonify(status="ok")


@app.put("/goals/<goal_id>/extend")
def extend(goal_id: str) -> tuple[Response, int]:
    """Extend the goal's viewers by 60 seconds."""
    goal = goals.find_one({"_id": ObjectId(goal_id), "active": True})
    if goal is None:
        abort(404)
    streamer = str(goal["metadata"]["user"]["id"])
    extension_id = str(Extension.id_for(streamer, goal_id, request.headers["X-Request-ID"]))
    queue.enqueue(
        update_session_viewer_permissions,
        session_id=goal["context"]["session_id"],
        viewers=goal["context"]["exclusive_to"],
        streamer_id=streamer,
        nbf=datetime.now(UTC),
        extension_id=extension_id,
        job_id=extension_id,
        retry=Retry(max=5),
    )
    return jsonify(id=extension_id), 202
