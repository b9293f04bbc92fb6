"""PUT /goals/{goal_id}/extend, and the streamer's ledger of what it led to."""

import base64
import binascii
import json
import re
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, current_app, g, jsonify, request
from flask_smorest import Blueprint

from swag_goals.api import representations
from swag_goals.api.problems import Problem
from swag_goals.api.requests import idempotency_key
from swag_goals.api.tokens import for_creators
from swag_goals.documents.extension import PENDING, Extension
from swag_goals.documents.goal import ExclusiveGoal
from swag_goals.documents.ids import hex_id
from swag_goals.metrics import counts
from swag_goals.services.extend_goal import extend_goal
from swag_goals.times import iso

blueprint = Blueprint("goals", __name__, url_prefix="/goals", description="A streamer's goals")


USUAL_PAGE, LONGEST_PAGE = 50, 200


@blueprint.route("/<goal_id>/extend", methods=["PUT"])
@for_creators
def extend(goal_id: str) -> Response:
    """Extend the goal's viewers by 60 seconds."""
    parts = current_app.extensions["swag_goals"]
    extension = extend_goal(goal_id, g.user.id, idempotency_key(), g.request_id, bell=parts.bell, limits=parts.limits)
    response = jsonify(representations.extension(extension))
    response.status_code = 202 if extension.status == PENDING else 200
    response.headers["Location"] = representations.path(extension)
    response.headers["Cache-Control"] = "no-store"
    if extension.replayed:
        response.headers["Idempotent-Replayed"] = "true"
        counts.add("replayed")
        response.call_on_close(parts.bell.send_counts)  # when the caller has the answer
    return response


@blueprint.route("/<goal_id>/extensions", methods=["GET"])
@for_creators
def extensions(goal_id: str) -> Response:
    """The streamer's extensions of the goal, newest first; also after the goal has ended."""
    limit = _limit()
    found = list(Extension.page(g.user.id, goal_id, limit + 1, _cursor())) if hex_id(goal_id) else []
    if not found and not ExclusiveGoal.belongs(goal_id, g.user.id):
        raise Problem("goal_not_found")
    page, more = found[:limit], found[limit:]
    return _private({"items": list(map(representations.extension, page)), "next": _next(page[-1]) if more else None})


@blueprint.route("/<goal_id>/extensions/<extension_id>", methods=["GET"])
@for_creators
def extension(goal_id: str, extension_id: str) -> Response:
    """One of the streamer's extensions of the goal."""
    if hex_id(goal_id) and hex_id(extension_id):
        found = Extension.objects(
            id=ObjectId(extension_id), goal_id=ObjectId(goal_id), streamer_id=ObjectId(g.user.id)
        ).first()
        if found is not None:
            return _private(representations.extension(found))
    raise Problem("extension_not_found")


def _private(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def _limit() -> int:
    sent = request.args.get("limit", str(USUAL_PAGE))
    if not re.fullmatch(r"[0-9]{1,3}", sent) or not 1 <= int(sent) <= LONGEST_PAGE:
        raise Problem("limit_malformed")
    return int(sent)


def _next(last: Extension) -> str:
    return base64.urlsafe_b64encode(json.dumps([iso(last.requested_at), str(last.id)]).encode()).decode()


def _cursor() -> tuple[datetime, ObjectId] | None:
    sent = request.args.get("cursor")
    if sent is None:
        return None
    try:
        requested_at, extension_id = json.loads(base64.b64decode(sent, altchars="-_", validate=True))
        return datetime.fromisoformat(requested_at), ObjectId(extension_id)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise Problem("cursor_malformed") from None
