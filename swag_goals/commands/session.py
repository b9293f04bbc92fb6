"""`flask session` and `flask permission`: the viewers' time as it stands."""

from typing import Any

import click
from bson import ObjectId

from swag_goals.api import representations
from swag_goals.commands.command import Group, as_json, show
from swag_goals.documents.ids import hex_id
from swag_goals.documents.session import Session, Standing, UnreadablePermission
from swag_goals.times import iso

session = Group("session", help="Show sessions.")
permission = Group("permission", help="Show viewers' permissions.")


@session.command("show")
@click.argument("session_id", metavar="ID")
@as_json
def show_session(session_id: str, as_json: bool) -> None:
    """Show each viewer's permission, and the extensions in the guard."""
    standing = _standing(session_id)
    viewers = {} if standing.viewers is None else standing.viewers
    readable = isinstance(viewers, dict)
    record = {
        "session_id": session_id,
        "revision": standing.revision,
        "server_time": iso(standing.server_time),
        "permissions": {each: _permission(standing, each) for each in viewers} if readable else _unreadable(viewers),
        "guarded_extensions": _guard(
            getattr(Session.objects(id=ObjectId(session_id)).only("swag_goals").first(), "swag_goals", None)
        ),
    }
    show(record, as_json)


def _guard(swag_goals: Any) -> list[str] | dict[str, str]:
    """The ids in it; whatever else another program has written there, as it stands."""
    applied = (swag_goals or {}).get("applied", []) if isinstance(swag_goals, dict | None) else None
    return [str(each) for each in applied] if isinstance(applied, list) else _unreadable(swag_goals)


def _unreadable(value: Any) -> dict[str, str]:
    return {"unreadable": repr(value)}


@permission.command("show")
@click.argument("session_id", metavar="SESSION")
@click.argument("viewer_id", metavar="VIEWER")
@as_json
def show_permission(session_id: str, viewer_id: str, as_json: bool) -> None:
    """Show one viewer's permission in a session."""
    standing = _standing(session_id, viewer_id) if hex_id(viewer_id) else None
    found = _permission(standing, viewer_id) if standing else None
    if standing is None or found is None:
        raise click.ClickException(f"The session has no permission for {viewer_id}.")
    show({"session_id": session_id, "viewer_id": viewer_id, "server_time": iso(standing.server_time), **found}, as_json)


def _standing(session_id: str, *viewers: str) -> Standing:
    standing = Session.standing(ObjectId(session_id), list(viewers) or None) if hex_id(session_id) else None
    if standing is None:
        raise click.ClickException(f"There is no session {session_id}.")
    return standing


def _permission(standing: Standing, viewer: str) -> dict[str, Any] | None:
    """With the seconds that remain; what cannot be read is shown as it stands."""
    try:
        found = standing.permission(viewer)
    except UnreadablePermission:
        viewers = standing.viewers
        return _unreadable(viewers.get(viewer) if isinstance(viewers, dict) else viewers)
    if found is None:
        return None
    exp = found["exp"]
    remaining = None if exp is None else max(0, round((exp - standing.server_time).total_seconds()))
    return {**representations.permission(found), "remaining_seconds": remaining}
