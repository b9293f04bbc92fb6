"""A bare Flask route that makes the round trips of an extend call, by PyMongo and redis-py alone.

No token is checked, no document made, no job of RQ's built: what is left is the floor. The sweeper
finds what it records.
"""

import os
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from flask import Flask, Response, jsonify
from pymongo import MongoClient
from redis import Redis

from swag_goals.documents.extension import DURATION, PENDING
from swag_goals.time_limits import ATTEMPT, OVERDUE

app = Flask(__name__)
client = MongoClient[dict[str, Any]](os.environ["MONGODB_URI"], w="majority", readConcernLevel="majority")
database = client.get_default_database()
connection = Redis.from_url(os.environ["REDIS_URL"])
count = connection.register_script("redis.call('SADD', KEYS[1], ARGV[1]) redis.call('SADD', KEYS[2], ARGV[1])")


@app.put("/goals/<goal_id>/extend")
def extend(goal_id: str) -> tuple[Response, int]:
    """Count the request, read the goal, count the extension, record it on a majority, enqueue it."""
    with connection.pipeline(transaction=False) as pipeline:
        pipeline.incr("bare:token")
        pipeline.expire("bare:token", 120)
        pipeline.execute()
    goal = database.goal.aggregate([{"$match": {"_id": ObjectId(goal_id), "active": True}}]).next()
    extension, now = ObjectId(), datetime.now(UTC)
    count(["bare:goal", "bare:streamer"], [extension.binary])
    record = {
        "_id": extension,
        "key": str(extension),
        "streamer_id": ObjectId(goal["metadata"]["user"]["id"]),
        "goal_id": goal["_id"],
        "session_id": ObjectId(goal["context"]["session_id"]),
        "viewers": goal["context"]["exclusive_to"],
        "duration": DURATION,
        "notify_sd_viewers": True,
        "status": PENDING,
        "requested_at": now,
        "nbf": now,
        "requests": 1,
        "request_id": str(extension),
        "deadline": now + ATTEMPT,
        "due": now + OVERDUE,
        "retries": 0,
        "operations": [],
    }
    database.extension.insert_one(record)
    with connection.pipeline(transaction=False) as pipeline:
        pipeline.hset(f"bare:{extension}", mapping={"data": str(record), "status": "queued"})
        pipeline.rpush("bare:queue", str(extension))
        pipeline.execute()
    return jsonify(id=str(extension), status=PENDING), 202


@app.get("/readyz")
def readyz() -> Response:
    """It is up."""
    return jsonify(status="ok")
