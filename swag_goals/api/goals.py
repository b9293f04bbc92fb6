"""PUT /goals/{goal_id}/extend, and the streamer's ledger of what it led to."""

import re

from bson import ObjectId
from flask import Blueprint, Response, current_app, g, jsonify, request

from swag_goals.api.authentication import for_creators
from swag_goals.api.problems import Problem
from swag_goals.api.requests import idempotency_key
from swag_goals.counts import counts
from swag_goals.documents import ledger_queries
from swag_goals.documents.extension import PENDING, Extension
from swag_goals.documents.goal import ExclusiveGoal
from swag_goals.documents.ids import hex_id
from swag_goals.representations import serializers
from swag_goals.services.extend_goal import extend_goal

DEFAULT_PAGE, MAX_PAGE = 50, 200  # extensions
MAX_RUNNING = 50  # goals

blueprint = Blueprint("goals", __name__, url_prefix="/goals")


@blueprint.get("")
@for_creators
def running() -> Response:
    """The streamer's active exclusive goals, newest first, at most 50."""
    return jsonify(items=[serializers.goal(goal) for goal in ExclusiveGoal.running(g.token.user_id, MAX_RUNNING)])


@blueprint.put("/<id:goal_id>/extend")
@for_creators
def extend(goal_id: str) -> Response:
    """Extend the goal's viewers by 60 seconds.

    Without Idempotency-Key a header X-Request-ID, which must be well-formed then, is the key; without
    either a new one is made, and answered as X-Request-ID.
    """
    parts = current_app.extensions["swag_goals"]
    key = idempotency_key()
    parts.limits.count_request(g.token.jti)
    extension = extend_goal(goal_id, g.token.user_id, key, g.request_id, enqueuer=parts.enqueuer, limits=parts.limits)
    response = jsonify(serializers.extension(extension))
    response.status_code = 202 if extension.status == PENDING else 200
    response.headers["Location"] = serializers.path(extension)
    if extension.replayed:
        response.headers["Idempotent-Replayed"] = "true"
        counts.add("replayed")
        response.call_on_close(parts.enqueuer.send_counts)  # when the caller has the answer
    return response


@blueprint.get("/<id:goal_id>/extensions")
@for_creators
def extensions(goal_id: str) -> Response:
    """The streamer's extensions of the goal, newest first; also after the goal has ended."""
    limit = _limit()
    page, more = ledger_queries.page(g.token.user_id, goal_id, limit, after=_cursor(goal_id))
    if not page and not ExclusiveGoal.belongs(goal_id, g.token.user_id):
        raise Problem("goal_not_found")
    following = str(page[-1].id) if page and more else None
    return jsonify(items=[serializers.extension(extension) for extension in page], next=following)


@blueprint.get("/<id:goal_id>/extensions/<id:extension_id>")
@for_creators
def extension(goal_id: str, extension_id: str) -> Response:
    """One of the streamer's extensions of the goal."""
    return jsonify(serializers.extension(_extension(goal_id, extension_id)))


def _extension(goal_id: str, extension_id: str) -> Extension:
    its = {"goal_id": ObjectId(goal_id), "streamer_id": ObjectId(g.token.user_id), "void_of": None}
    found = ledger_queries.find(ObjectId(extension_id), **its)
    if found is None:
        raise Problem("extension_not_found")
    return found


def _limit() -> int:
    sent = request.args.get("limit", str(DEFAULT_PAGE))
    if not re.fullmatch(r"[0-9]{1,3}", sent) or not 1 <= int(sent) <= MAX_PAGE:
        raise Problem("limit_malformed")
    return int(sent)


def _cursor(goal_id: str) -> Extension | None:
    """The last extension of the page before."""
    sent = request.args.get("cursor")
    if sent is None:
        return None
    if hex_id(sent) is None:
        raise Problem("cursor_malformed")
    return _extension(goal_id, sent)
