"""Is this process alive, and can it keep its promises."""

import pymongo
from flask import Response, current_app, jsonify
from flask_smorest import Blueprint
from mongoengine.connection import get_db
from pymongo.errors import NotPrimaryError

from swag_goals.api import operations
from swag_goals.connections import RedisAway

blueprint = Blueprint("health", __name__, description="For platforms and load balancers")

PATIENCE = 2.0  # seconds


@blueprint.route("/healthz", methods=["GET"])
@blueprint.doc(**operations.HEALTHZ)
def healthz() -> Response:
    """The process lives."""
    return jsonify(status="ok")


@blueprint.route("/readyz", methods=["GET"])
@blueprint.doc(**operations.READYZ)
def readyz() -> Response:
    """MongoDB has a primary; without Redis the service is degraded, and works."""
    with pymongo.timeout(PATIENCE):
        if not get_db().command("hello").get("isWritablePrimary"):
            raise NotPrimaryError("no primary")
    circuit = current_app.extensions["swag_goals"].circuit
    try:
        circuit.ask(circuit.client.ping)
    except RedisAway:
        return jsonify(status="degraded", mongodb="ok", redis="away")
    return jsonify(status="ok", mongodb="ok", redis="ok")
