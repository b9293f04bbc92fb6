"""POST /pusher/auth: who may join a viewer's channel. Being in it is not a permission."""

from flask import Response, current_app, g, jsonify, request
from flask_smorest import Blueprint

from swag_goals.api.problems import Problem
from swag_goals.api.tokens import authenticated
from swag_goals.events.stream_authorized import parties

blueprint = Blueprint("pusher", __name__, url_prefix="/pusher", description="Pusher's channel authorization")


@blueprint.route("/auth", methods=["POST"])
@authenticated
def authorize() -> Response:
    """Sign the caller's subscription; the token and the channel's name decide."""
    socket_ids, channels = request.form.getlist("socket_id"), request.form.getlist("channel_name")
    if len(socket_ids) != 1 or len(channels) != 1:
        raise Problem("socket_id_malformed" if len(socket_ids) != 1 else "bad_request")
    streamer_and_viewer = parties(channels[0])
    if streamer_and_viewer is None:
        raise Problem("channel_forbidden")
    streamer_id, viewer_id = streamer_and_viewer
    if g.user.id != viewer_id and not (g.user.id == streamer_id and g.user.is_creator):
        raise Problem("channel_forbidden")
    try:
        signed = current_app.extensions["swag_goals"].channels.authorize(channels[0], socket_ids[0], g.user.id)
    except ValueError:
        raise Problem("socket_id_malformed") from None
    return jsonify(signed)
