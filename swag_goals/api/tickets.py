"""POST /sessions/{session_id}/tickets: what a viewer's player shows to be let in."""

from flask import Blueprint, Response, current_app, g, jsonify

from swag_goals.api.authentication import authenticated
from swag_goals.api.ids import NOBODYS
from swag_goals.api.problems import Problem
from swag_goals.times import iso

blueprint = Blueprint("tickets", __name__, url_prefix="/sessions")


@blueprint.post("/<id:session_id>/tickets")
@authenticated
def issue(session_id: str) -> tuple[Response, int]:
    """A ticket of the caller's for the session. Whether there is time is asked when it is shown."""
    if session_id == NOBODYS:
        raise Problem("session_not_found")
    ticket, expires_at = current_app.extensions["swag_goals"].admissions.issue(session_id, g.user.id)
    return jsonify(ticket=ticket, session_id=session_id, viewer_id=g.user.id, expires_at=iso(expires_at)), 201
