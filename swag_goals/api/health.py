"""Is this process alive, and can it keep its promises."""

import time
from functools import lru_cache

import pymongo
from flask import Blueprint, Response, current_app, jsonify
from mongoengine.connection import get_db
from pymongo.errors import NotPrimaryError

from swag_goals.circuit_breaker import CircuitBreaker, RedisUnavailable
from swag_goals.queue.refusals import refusals
from swag_goals.time_limits import READINESS_TIMEOUT

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process lives."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """MongoDB has a primary; with a Redis that is away or refuses what it needs the service is degraded, and works."""
    redis = _look(current_app.extensions["swag_goals"].redis, int(time.monotonic()))
    return jsonify(status="ok" if redis == "ok" else "degraded", mongodb="ok", redis=redis)


@lru_cache(1)
def _look(breaker: CircuitBreaker, _second: int) -> str:
    """How Redis is, where MongoDB has a primary. Once a second, as anybody may ask, and it asks both of them.

    :raises pymongo.errors.PyMongoError: it has none; that is not remembered.
    """
    with pymongo.timeout(READINESS_TIMEOUT.total_seconds()):
        if not get_db().command("hello").get("isWritablePrimary"):
            raise NotPrimaryError("no primary")
    try:
        refused = breaker.call(lambda: refusals(breaker.client))
    except RedisUnavailable:
        return "away"
    return next((f"refuses {kind}" for kind in refused), "ok")
