"""`flask compensate`: time for many goals at once, each once under a name."""

from typing import Any

import click
from flask import current_app
from pymongo.errors import PyMongoError
from redis import RedisError

from swag_goals.commands.command import Command, as_json, by, reason, say
from swag_goals.commands.progress import tracked
from swag_goals.documents import ledger_queries
from swag_goals.documents.extension import REJECTED, operation
from swag_goals.documents.goal import ExclusiveGoal
from swag_goals.documents.reasons import REASONS
from swag_goals.queue.status import queue_status
from swag_goals.services.compensate import MAX_SECONDS, Compensated, compensate, obstacle
from swag_goals.services.idempotency import is_key


def _key(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value or not is_key(f"compensate:{value}"):
        raise click.BadParameter("give 1 to 189 letters, digits or _ . : -")
    return f"compensate:{value}"


@click.command("compensate", cls=Command)
@click.option("--name", "key", required=True, callback=_key, help="Of what is made up for: each goal is extended once.")
@click.option("--seconds", required=True, type=click.IntRange(1, MAX_SECONDS), help="For each viewer of a goal.")
@reason
@by
@click.option("--goal", "ids", multiple=True, metavar="ID", help="A goal to be extended; may be repeated.")
@click.option("--running", is_flag=True, help="All active exclusive goals.")
@click.option("--dry-run", is_flag=True, help="Say what would be given and what cannot be, and do nothing.")
@as_json
def compensate_(
    key: str, seconds: int, reason: str, by: str, ids: tuple[str, ...], *, running: bool, dry_run: bool, as_json: bool
) -> None:
    """Extend many goals by some seconds, each once under a NAME, and say which are not extended, and why.

    Run again, also after it was stopped at any moment, it goes on and gives nobody twice.
    """
    if running == bool(ids):
        raise click.UsageError("Give either --running or --goal.")
    found = {each: ExclusiveGoal.find(each) for each in ids}
    if running:
        found = {str(each.id): each for each in ExclusiveGoal.all_running()}
    known = ledger_queries.compensated(key)
    if any(each["duration"] != seconds for each in known):
        raise click.ClickException(f"Under this name {known[0]['duration']} seconds were given. Choose another.")
    given = {each["goal_id"] for each in known}
    goals = [goal for goal in found.values() if goal and goal.id not in given]
    if dry_run:
        outcomes = [(goal, obstacle(goal, seconds)) for goal in tracked(goals, "Looking")]
    else:
        outcomes = _give(goals, key, seconds, operation(by=by, why=reason, what="compensate"))
    refused = {each: "there is no such exclusive goal" for each, goal in found.items() if goal is None}
    refused |= {str(goal.id): why for goal, why in outcomes if why}
    to_extend = [goal for goal, why in outcomes if dry_run and not why]
    _say(_summary(key, seconds, refused, to_extend), as_json)


def _give(goals: list[ExclusiveGoal], key: str, seconds: int, operation: dict[str, Any]) -> list[Compensated]:
    given = compensate(
        tracked(goals, "Extending"),
        key=key,
        duration=seconds,
        operation=operation,
        enqueuer=current_app.extensions["swag_goals"].enqueuer,
        waits_long=_say_why_it_waits,
    )
    try:
        return list(given)
    except (PyMongoError, KeyboardInterrupt) as stop:
        went_on = "The same command goes on, and gives nobody twice."
        raise click.ClickException(f"Stopped ({type(stop).__name__}). {went_on}") from None


def _say_why_it_waits(jobs: int) -> None:
    try:
        workers = queue_status(current_app.extensions["swag_goals"].redis.client).workers
    except RedisError:
        workers = None
    what_to_do = "No worker runs. Start one: flask work." if workers == 0 else "Where it stays so, see: flask doctor"
    click.echo(f"{jobs} jobs wait for a worker, and the next goal for these. {what_to_do}", err=True)


def _summary(key: str, seconds: int, refused: dict[str, str], to_extend: list[ExclusiveGoal]) -> dict[str, Any]:
    """What the ledger has under the name, and what is to come."""
    known = ledger_queries.compensated(key)
    refused |= {str(each["goal_id"]): REASONS[each["reason"]] for each in known if each["status"] == REJECTED}
    viewers = [each["viewers"] for each in known if each["status"] != REJECTED]
    viewers += [len(goal.audience()[1]) for goal in to_extend]
    return {
        "seconds": seconds,
        "goals": len(viewers),
        "viewers": sum(viewers),
        "seconds_in_all": sum(viewers) * seconds,
        "still_to_extend": len(to_extend),
        "not_extended": [{"goal_id": goal, "why": why} for goal, why in sorted(refused.items())],
    }


def _say(summary: dict[str, Any], as_json: bool) -> None:
    much = "{seconds} s for each of {viewers:,} viewers of {goals:,} goals: {seconds_in_all:,} s in all."
    still = " Of these goals {still_to_extend:,} are still to be extended." if summary["still_to_extend"] else ""
    whys = [f"Not extended: {each['goal_id']}, {each['why']}" for each in summary["not_extended"]]
    say("\n".join([(much + still).format(**summary), *whys]), summary, as_json)
