"""`flask session` and `flask permission`: the viewers' time as it stands."""

from typing import Any

import click
from bson import ObjectId

from swag_goals.commands.command import Group, as_json, show
from swag_goals.documents.ids import hex_id
from swag_goals.documents.session import Session
from swag_goals.documents.snapshot import Snapshot, UnreadablePermission
from swag_goals.representations import serializers
from swag_goals.times import iso

session = Group("session", help="Show sessions.")
permission = Group("permission", help="Show viewers' permissions.")


@session.command("show")
@click.argument("session_id", metavar="ID")
@as_json
def show_session(session_id: str, as_json: bool) -> None:
    """Show each viewer's permission, and the extensions in the guard."""
    snapshot = _snapshot(session_id)
    viewers = {} if snapshot.viewers is None else snapshot.viewers
    readable = isinstance(viewers, dict)
    record = {
        "session_id": session_id,
        "revision": snapshot.revision,
        "server_time": iso(snapshot.server_time),
        "permissions": {each: _permission(snapshot, each) for each in viewers} if readable else _unreadable(viewers),
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
    snapshot = _snapshot(session_id, viewer_id) if hex_id(viewer_id) else None
    found = _permission(snapshot, viewer_id) if snapshot else None
    if snapshot is None or found is None:
        raise click.ClickException(f"The session has no permission for {viewer_id}.")
    show({"session_id": session_id, "viewer_id": viewer_id, "server_time": iso(snapshot.server_time), **found}, as_json)


def _snapshot(session_id: str, *viewers: str) -> Snapshot:
    snapshot = Session.snapshot(ObjectId(session_id), list(viewers) or None) if hex_id(session_id) else None
    if snapshot is None:
        raise click.ClickException(f"There is no session {session_id}.")
    return snapshot


def _permission(snapshot: Snapshot, viewer: str) -> dict[str, Any] | None:
    """With the seconds that remain; what cannot be read is shown as it stands."""
    try:
        found = snapshot.permission(viewer)
    except UnreadablePermission:
        viewers = snapshot.viewers
        return _unreadable(viewers.get(viewer) if isinstance(viewers, dict) else viewers)
    if found is None:
        return None
    exp = found["exp"]
    remaining = None if exp is None else max(0, round((exp - snapshot.server_time).total_seconds()))
    return {**serializers.permission(found), "remaining_seconds": remaining}
