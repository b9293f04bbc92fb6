"""Permissions as they stand, for the viewer they belong to and for the session's streamer; tickets for viewers."""

from typing import Any

from bson import ObjectId
from flask import Blueprint, Response, current_app, g, jsonify

from swag_goals.api.authentication import authenticated
from swag_goals.api.ids import NOBODYS
from swag_goals.api.problems import Problem
from swag_goals.documents.goal import ExclusiveGoal
from swag_goals.documents.session import Session
from swag_goals.documents.snapshot import Snapshot
from swag_goals.representations import serializers
from swag_goals.times import iso

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions")


@blueprint.get("/<id:session_id>/permissions/me")
@authenticated
def my_permission(session_id: str) -> Response:
    """The caller's own permission in the session."""
    snapshot = Session.snapshot(ObjectId(session_id), [g.token.user_id])
    permission = snapshot.permission(g.token.user_id) if snapshot else None
    if snapshot is None or permission is None:
        raise Problem("permission_not_found")
    return _answer(session_id, snapshot, viewer_id=g.token.user_id, **serializers.permission(permission))


@blueprint.get("/<id:session_id>/permissions")
@authenticated
def permissions(session_id: str) -> Response:
    """Everybody's permission, for the owner of an exclusive goal whose context names the session."""
    snapshot = Session.snapshot(ObjectId(session_id)) if ExclusiveGoal.streams(session_id, g.token.user_id) else None
    if snapshot is None:
        raise Problem("session_not_found")
    found = {viewer: serializers.permission(values) for viewer, values in snapshot.permissions().items()}
    return _answer(session_id, snapshot, permissions=found)


@blueprint.post("/<id:session_id>/tickets")
@authenticated
def issue_ticket(session_id: str) -> tuple[Response, int]:
    """A ticket of the caller's for the session. Whether there is time is asked when it is shown."""
    if session_id == NOBODYS:
        raise Problem("session_not_found")
    ticket, expires_at = current_app.extensions["swag_goals"].admissions.issue(session_id, g.token.user_id)
    return jsonify(ticket=ticket, session_id=session_id, viewer_id=g.token.user_id, expires_at=iso(expires_at)), 201


def _answer(session_id: str, snapshot: Snapshot, **fields: Any) -> Response:
    return jsonify(session_id=session_id, revision=snapshot.revision, server_time=iso(snapshot.server_time), **fields)
