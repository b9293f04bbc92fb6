"""`flask goal`: a goal as the extend call sees it."""

from typing import Any

import click
from bson import ObjectId

from swag_goals.commands.command import Group, as_json, show
from swag_goals.commands.extension import line
from swag_goals.documents import ledger_queries
from swag_goals.documents.goal import FIELDS, ExclusiveGoal, Goal
from swag_goals.documents.ids import hex_id
from swag_goals.representations import serializers

NEWEST = 10

goal = Group("goal", help="Show goals.")


@goal.command("show")
@click.argument("goal_id", metavar="ID")
@as_json
def show_(goal_id: str, as_json: bool) -> None:
    """Show whether a goal can be extended, else why not. With its newest extensions."""
    ours = dict.fromkeys(("_cls", *FIELDS), 1)
    found = Goal._get_collection().find_one({"_id": ObjectId(goal_id)}, ours) if hex_id(goal_id) else None
    if found is None:
        raise click.ClickException(f"There is no goal {goal_id}.")
    active = found.get("active")  # or whatever another program has written there
    record = {
        "id": goal_id,
        "kind": str(found.get("_cls")),
        "active": active if isinstance(active, bool) else repr(active),
    }
    if found.get("_cls") == ExclusiveGoal._class_name:
        record |= _exclusive(ExclusiveGoal._from_son(found))
    else:
        record["can_be_extended"] = "no: it is not an exclusive goal"
    show(record, as_json)


def _exclusive(goal: ExclusiveGoal) -> dict[str, Any]:
    newest, _ = ledger_queries.page(goal.streamer_id, str(goal.id), NEWEST) if goal.streamer_id else ([], False)
    return {
        **serializers.goal(goal),
        "can_be_extended": f"no: {why}" if (why := goal.obstacle()) else "yes",
        "extensions": [line(each) for each in newest],
    }
