"""`flask extend`: give the seconds by hand, through the same service and ledger."""

import uuid

import click
from flask import current_app
from pymongo.errors import PyMongoError

from swag_goals.commands.command import Command, as_json, by, reason, say
from swag_goals.documents.extension import operation
from swag_goals.documents.goal import NOT_EXTENDABLE, ExclusiveGoal, GoalNotExtendable, GoalNotFound
from swag_goals.representations import serializers
from swag_goals.services.extend_goal import extend_goal
from swag_goals.services.idempotency import is_key


def _key(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not is_key(value):
        raise click.BadParameter(
            "give the key that the earlier try printed; it has 1 to 200 letters, digits or _ . : -"
        )
    return value


@click.command(cls=Command)
@click.argument("goal_id", metavar="GOAL")
@reason
@by
@click.option(
    "--key",
    default=lambda: f"operator-{uuid.uuid4()}",
    callback=_key,
    help="Of an earlier try, to settle it; else a new one.",
)
@as_json
def extend(goal_id: str, reason: str, by: str, key: str, as_json: bool) -> None:
    """Extend the viewers of an active exclusive goal by 60 seconds."""
    goal = ExclusiveGoal.find(goal_id)
    if goal is None:
        raise click.ClickException(f"There is no exclusive goal {goal_id}.")
    if goal.streamer_id is None:
        raise click.ClickException("The goal cannot be extended: it names no streamer.")
    enqueuer, by_hand = current_app.extensions["swag_goals"].enqueuer, operation(by=by, why=reason, what="extend")
    try:
        extension = extend_goal(goal_id, goal.streamer_id, key, key, enqueuer=enqueuer, limits=None, operation=by_hand)
    except GoalNotFound:
        raise click.ClickException("The goal cannot be extended: it is not active.") from None
    except GoalNotExtendable as refusal:
        raise click.ClickException(f"The goal cannot be extended: {NOT_EXTENDABLE[refusal.code]}.") from None
    except PyMongoError as error:
        raise click.ClickException(
            f"Unknown whether it is recorded ({type(error).__name__}). The same command with --key {key} settles it."
        ) from None
    known = "It was recorded before, as" if extension.replayed else "Recorded"
    sentence = f"{known} extension {extension.id}. Follow it: flask extension follow {extension.id}"
    say(sentence, serializers.extension(extension) | {"replayed": extension.replayed}, as_json)
