"""`flask extend`: give the seconds by hand, through the same service and ledger."""

import getpass
import uuid
from datetime import UTC, datetime

import click
from bson import ObjectId
from flask import current_app
from flask.cli import with_appcontext

from swag_goals.documents.goal import ExclusiveGoal, GoalNotExtendable, GoalNotFound
from swag_goals.documents.ids import hex_id
from swag_goals.services.extend_goal import extend_goal


@click.command()
@click.argument("goal_id", metavar="GOAL")
@click.option("--reason", required=True, help="Why; it stands in the ledger with your name.")
@with_appcontext
def extend(goal_id: str, reason: str) -> None:
    """Extend the viewers of an active exclusive goal by 60 seconds."""
    goal = ExclusiveGoal.objects(id=ObjectId(goal_id)).first() if hex_id(goal_id) else None
    streamer_id = goal.streamer_id if goal else None
    if streamer_id is None:
        raise click.ClickException(f"There is no exclusive goal {goal_id}.")
    key = f"operator-{uuid.uuid4()}"
    operation = {"at": datetime.now(UTC), "by": getpass.getuser(), "why": reason, "what": "extend"}
    try:
        extension = extend_goal(
            goal_id,
            streamer_id,
            key,
            key,
            bell=current_app.extensions["swag_goals"].bell,
            limits=None,
            operation=operation,
        )
    except (GoalNotFound, GoalNotExtendable) as error:
        raise click.ClickException(f"The goal cannot be extended: {error or 'it is not active'}.") from None
    click.echo(f"Recorded extension {extension.id}. Follow it: flask extension show {extension.id}")
