"""`flask extension`: what the ledger says, and driving an extension again."""

import getpass
import json
from typing import Any

import click
from bson import ObjectId
from flask import current_app
from flask.cli import AppGroup

from swag_goals.api import representations
from swag_goals.documents.extension import Extension
from swag_goals.documents.ids import hex_id
from swag_goals.services.redrive_extension import NotRedrivable, redrive_extension
from swag_goals.times import iso

extension = AppGroup("extension", help="Show, list and re-drive extensions.")


def _find(_context: click.Context, _parameter: click.Parameter, value: str) -> Extension:
    found = Extension.objects(id=ObjectId(value)).first() if hex_id(value) else None
    if found is None:
        raise click.BadParameter(f"the ledger has no extension {value}")
    return found


@extension.command()
@click.argument("found", metavar="ID", callback=_find)
def show(found: Extension) -> None:
    """Show all that is known of one extension, as JSON."""
    operations = [{**entry, "at": iso(entry["at"])} for entry in found.operations or ()]
    more: dict[str, Any] = {"requests": found.requests, "drives": found.drives, "operations": operations}
    click.echo(json.dumps(representations.extension(found) | more, indent=2))


@extension.command("list")
@click.option("--status", type=click.Choice(["pending", "applied", "done", "rejected"]))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def list_(status: str | None, limit: int) -> None:
    """List the newest extensions, a line each."""
    for each in Extension.objects(**({"status": status} if status else {})).order_by("-requested_at").limit(limit):
        reason = (each.reason or {}).get("code", "")
        click.echo(f"{each.id}  {each.status:8}  {iso(each.requested_at)}  goal {each.goal_id}  {reason}")


@extension.command()
@click.argument("found", metavar="ID", callback=_find)
@click.option("--reason", required=True, help="Why; it stands in the ledger with your name.")
@click.option("--force", is_flag=True, help="Even though the goal has a later extension.")
def redrive(found: Extension, reason: str, force: bool) -> None:
    """Drive an unfinished or rejected extension again, under its own id."""
    bell = current_app.extensions["swag_goals"].bell
    try:
        redrive_extension(found, by=getpass.getuser(), why=reason, force=force, bell=bell)
    except NotRedrivable as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(f"Extension {found.id} is on its way again.")
