"""`flask compensate`: time for many goals at once, each once under a name."""

from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from pymongo.errors import PyMongoError
from rich.console import Console

from swag_goals.commands.command import Command, as_json, by, reason, say
from swag_goals.commands.progress import tracked
from swag_goals.documents import ledger_queries
from swag_goals.documents.extension import PENDING, REJECTED
from swag_goals.documents.goal import ExclusiveGoal
from swag_goals.documents.reasons import REASONS
from swag_goals.queue.extensions import extensions_queue
from swag_goals.services.compensate import MAX_SECONDS, Compensation, compensate, obstacle, wait_until_settled
from swag_goals.services.idempotency import is_key


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not is_key(Compensation(value, 0, "", "").key) or not value:
        raise click.BadParameter("give 1 to 189 letters, digits or _ . : -")
    return value


@click.command("compensate", cls=Command)
@click.option("--name", required=True, callback=_name, help="Of what is made up for; each goal is extended once by it.")
@click.option("--seconds", required=True, type=click.IntRange(1, MAX_SECONDS), help="For each viewer of a goal.")
@reason
@by
@click.option("--goal", "goal_ids", multiple=True, metavar="ID", help="A goal to be extended; may be repeated.")
@click.option("--running", is_flag=True, help="All active exclusive goals.")
@click.option("--dry-run", is_flag=True, help="Say what would be given and what cannot be, and do nothing.")
@as_json
@with_appcontext
def compensate_(
    name: str,
    seconds: int,
    reason: str,
    by: str,
    goal_ids: tuple[str, ...],
    *,
    running: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Extend many goals by some seconds, each once under a NAME, and say what was given.

    Run again, also after it was stopped at any moment, it goes on where it stopped and gives nobody twice; its
    summary is then the same. It waits some time for the workers, and names the goals that are not extended, and why.
    """
    if running == bool(goal_ids):
        raise click.UsageError("Give either --running or --goal.")
    given = Compensation(name, seconds, by, reason)
    goals, refused = _goals(given, goal_ids)
    if dry_run:
        refused |= {str(each.id): why for each in tracked(goals, "Looking") if (why := obstacle(each, seconds))}
        goals = [goal for goal in goals if str(goal.id) not in refused]
    else:
        refused |= _give(given, goals)
        goals = []
    _say(_summary(given, goals, refused), dry_run, as_json)


def _goals(given: Compensation, ids: tuple[str, ...]) -> tuple[list[ExclusiveGoal], dict[str, str]]:
    """The goals that have nothing under the name yet, of these or of all that run; and the ids of no goal, with why."""
    recorded = ledger_queries.compensated(given.key)
    if other := next((each["duration"] for each in recorded if each["duration"] != given.seconds), None):
        raise click.ClickException(f"Under the name {given.name} {other} seconds were given. Choose another name.")
    found = {each: ExclusiveGoal.find(each) for each in ids}
    goals = [goal for goal in found.values() if goal] if ids else ExclusiveGoal.all_running()
    known = {each["goal_id"] for each in recorded}
    unknown = {each: "there is no such exclusive goal" for each, goal in found.items() if goal is None}
    return [goal for goal in goals if goal.id not in known], unknown


def _give(given: Compensation, goals: list[ExclusiveGoal]) -> dict[str, str]:
    parts = current_app.extensions["swag_goals"]
    queue = extensions_queue(parts.status.client)
    try:
        refused = dict(compensate(given, tracked(goals, "Extending"), parts.enqueuer, queue))
        with Console(stderr=True).status("Waiting for the workers"):
            wait_until_settled(given)
    except (PyMongoError, KeyboardInterrupt) as stopped:
        cause = type(stopped).__name__
        raise click.ClickException(f"Stopped ({cause}). The same command goes on, and gives nobody twice.") from None
    return refused


def _summary(given: Compensation, to_extend: list[ExclusiveGoal], refused: dict[str, str]) -> dict[str, Any]:
    """What the ledger has under the name, with what is still to come of it."""
    recorded = ledger_queries.compensated(given.key)
    rejected = {str(each["goal_id"]): REASONS[each["reason"]] for each in recorded if each["status"] == REJECTED}
    viewers = [each["viewers"] for each in recorded if each["status"] != REJECTED]
    viewers += [len(goal.audience()[1]) for goal in to_extend]
    return {
        "name": given.name,
        "seconds": given.seconds,
        "goals": len(viewers),
        "viewers": sum(viewers),
        "seconds_in_all": sum(viewers) * given.seconds,
        "still_to_extend": len(to_extend),
        "pending": sum(each["status"] == PENDING for each in recorded),
        "not_extended": [{"goal_id": goal, "why": why} for goal, why in sorted((refused | rejected).items())],
    }


def _say(summary: dict[str, Any], dry_run: bool, as_json: bool) -> None:
    much = "{seconds} s for each of {viewers:,} viewers of {goals:,} goals, {seconds_in_all:,} s in all."
    lines = [("Would be: " if dry_run else "Given: ") + much.format(**summary)]
    if summary["pending"]:
        lines.append(f"{summary['pending']:,} of them are still pending: run the same command again to see.")
    if summary["not_extended"]:
        lines.append(f"{len(summary['not_extended']):,} goals are not extended:")
    lines += [f"  {each['goal_id']}  {each['why']}" for each in summary["not_extended"]]
    say("\n".join(lines), summary, as_json)
