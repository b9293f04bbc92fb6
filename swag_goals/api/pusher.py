"""POST /pusher/auth: who may join a viewer's channel. Being in it is not a permission."""

from flask import Blueprint, Response, current_app, g, jsonify, request

from swag_goals.api.authentication import authenticated
from swag_goals.api.problems import Problem
from swag_goals.auth.tokens import Token
from swag_goals.events.pusher_channels import SOCKET_ID
from swag_goals.events.stream_authorized import parties

blueprint = Blueprint("pusher", __name__, url_prefix="/pusher")


@blueprint.post("/auth")
@authenticated
def authorize() -> Response:
    """Sign the caller's subscription to a channel; the token and the channel's name decide."""
    socket_ids, channels = request.form.getlist("socket_id"), request.form.getlist("channel_name")
    if not all(may_join(g.token, channel) for channel in channels):
        raise Problem("channel_forbidden")
    if len(channels) != 1 or len(socket_ids) != 1 or not SOCKET_ID.fullmatch(socket_ids[0]):
        raise Problem("form_malformed")
    pusher = current_app.extensions["swag_goals"].pusher
    return jsonify(pusher.authorize(channels[0], socket_ids[0], g.token.user_id))


def may_join(caller: Token, channel: str) -> bool:
    """Whether it is the channel of this viewer, or of a viewer of this streamer."""
    streamer_id, viewer_id = parties(channel) or (None, None)
    return caller.user_id == viewer_id or (caller.user_id == streamer_id and caller.is_creator)
