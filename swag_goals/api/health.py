"""Is this process alive, and can it keep its promises."""

import pymongo
from flask import Blueprint, Response, current_app, jsonify
from mongoengine.connection import get_db
from pymongo.errors import NotPrimaryError

from swag_goals.circuit_breaker import RedisUnavailable
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
    with pymongo.timeout(READINESS_TIMEOUT.total_seconds()):
        if not get_db().command("hello").get("isWritablePrimary"):
            raise NotPrimaryError("no primary")
    redis = _redis()
    return jsonify(status="ok" if redis == "ok" else "degraded", mongodb="ok", redis=redis)


def _redis() -> str:
    breaker = current_app.extensions["swag_goals"].redis
    try:
        refused = breaker.call(lambda: refusals(breaker.client))
    except RedisUnavailable:
        return "away"
    return next((f"refuses {kind}" for kind in refused), "ok")
