"""`flask extension`: what the ledger says, what is overdue, and re-driving an extension."""

import time
from typing import Any

import click
from bson import ObjectId
from flask import current_app
from redis import RedisError

from swag_goals.commands.command import Group, as_json, by, reason, say, show, show_all
from swag_goals.commands.progress import Stderr
from swag_goals.documents import ledger_queries, unfinished
from swag_goals.documents.extension import APPLIED, DONE, REJECTED, STATUSES, Extension
from swag_goals.documents.ids import hex_id
from swag_goals.documents.void import id_of_void
from swag_goals.queue.status import QueueStatus, queue_status
from swag_goals.representations import serializers
from swag_goals.services.redrive_extension import NotRedrivable, redrive_extension
from swag_goals.services.void_extension import NotVoidable, void_extension
from swag_goals.times import iso

extension = Group("extension", help="Show, list, follow, re-drive and void extensions.")
limit = click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many at the most."
)

LOOK = 0.2  # seconds between two looks of who follows
EXIT_STATUSES = {DONE: 0, REJECTED: 3, APPLIED: 4}


def _find(extension_id: str) -> Extension:
    found = ledger_queries.find(ObjectId(extension_id)) if hex_id(extension_id) else None
    if found is None:
        raise click.ClickException(f"There is no extension {extension_id}.")
    return found


@extension.command("show")
@click.argument("extension_id", metavar="ID")
@as_json
def show_(extension_id: str, as_json: bool) -> None:
    """Show all that is known of one extension."""
    show(_with_void(_find(extension_id)), as_json)


@extension.command()
@click.argument("extension_id", metavar="ID")
@as_json
@click.pass_context
def follow(context: click.Context, extension_id: str, as_json: bool) -> None:
    """Follow one extension until it is settled, then show it.

    Ends with 0 when the viewers are notified, with 3 when it is rejected, with 4 when the seconds are
    given but the viewers will not be notified.
    """
    settled = _settled(_find(extension_id))
    show(_with_void(settled), as_json)
    context.exit(EXIT_STATUSES[settled.status])


@extension.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Of this status alone.")
@limit
@as_json
def list_(status: str | None, limit: int, as_json: bool) -> None:
    """List the newest extensions. Those of one goal: flask goal show ID."""
    show_all([line(each) for each in ledger_queries.newest(status, limit)], as_json)


@extension.command()
@limit
@as_json
def overdue(limit: int, as_json: bool) -> None:
    """List what is not settled though it should be, and why. The oldest comes first."""
    status = _queue_status()
    show_all([{**line(each), "why": _why(each, status)} for each in unfinished.overdue(limit)], as_json)


@extension.command()
@click.argument("extension_id", metavar="ID")
@reason
@by
@click.option("--force", is_flag=True, help="Even though the goal has a later extension.")
@as_json
def redrive(extension_id: str, reason: str, by: str, force: bool, as_json: bool) -> None:
    """Re-drive an unfinished or rejected extension. It keeps its id."""
    found, enqueuer = _find(extension_id), current_app.extensions["swag_goals"].enqueuer
    try:
        redrive_extension(found, by=by, why=reason, force=force, enqueuer=enqueuer)
    except NotRedrivable as refusal:
        raise click.ClickException(str(refusal)) from None
    sentence = f"Extension {found.id} is on its way again. Follow it: flask extension follow {found.id}"
    say(sentence, _with_void(_find(extension_id)), as_json)


@extension.command()
@click.argument("extension_id", metavar="ID")
@reason
@by
@as_json
def void(extension_id: str, reason: str, by: str, as_json: bool) -> None:
    """Take back what is left of an extension. Seconds that were used stay paid.

    Of an extension that was voided before, it tells of that.
    """
    found, enqueuer = _find(extension_id), current_app.extensions["swag_goals"].enqueuer
    try:
        made = void_extension(found, by=by, why=reason, enqueuer=enqueuer)
    except NotVoidable as refusal:
        raise click.ClickException(str(refusal)) from None
    first = next(map(_operation, made.operations or ()), {})
    before = f"It was voided before, at {first.get('at')} by {first.get('by')} ({first.get('why')}), as"
    was = before if made.replayed else "Recorded"
    sentence = f"{was} void {made.id}. Follow it: flask extension follow {made.id}"
    say(sentence, _with_void(_find(extension_id)) | {"replayed": made.replayed}, as_json)


def _settled(found: Extension) -> Extension:
    """The extension when nothing more is to be done for it; says on stderr what becomes of it until then."""
    console = Stderr()
    said = ""
    with console.status(f"Following {found.id}"):
        while True:
            news = found.status + (f", retried ({found.retries} so far)" if found.retries else "")
            if news != said:
                console.print(f"[{time.strftime('%H:%M:%S')}] {news}", markup=False)
            said = news
            if found.due is None:
                return found
            time.sleep(LOOK)
            found = _find(str(found.id))


def line(found: Extension) -> dict[str, Any]:
    """The extension in a few fields, for lists."""
    return {
        "id": str(found.id),
        "status": found.status,
        "requested_at": iso(found.requested_at),
        "goal_id": str(found.goal_id),
        "reason": found.reason and found.reason["code"],
    }


def all_of(found: Any) -> dict[str, Any]:
    """All that is known of an extension."""
    return serializers.extension(found) | {
        "streamer_id": str(found.streamer_id),
        "requests": found.requests,
        "retries": found.retries,
        "operations": [_operation(entry) for entry in found.operations or ()],
    }


def _operation(entry: Any) -> dict[str, Any]:
    """What an operator did; what another hand has written there, as it stands."""
    try:
        return {"at": iso(entry["at"]), **{name: str(entry[name]) for name in ("by", "why", "what")}}
    except (AttributeError, LookupError, TypeError):
        return {"unreadable": repr(entry)}


def _with_void(found: Extension) -> dict[str, Any]:
    void, known = ledger_queries.find(id_of_void(found.id)), all_of(found)
    last = {"operations": known.pop("operations")}
    return known | {"void_of": found.void_of and str(found.void_of), "void": void and line(void)} | last


def _queue_status() -> QueueStatus | None:
    try:
        return queue_status(current_app.extensions["swag_goals"].redis.client)
    except RedisError:
        return None


def _why(found: Extension, status: QueueStatus | None) -> str:
    retried = f"retried {found.retries or 0} x"
    if found.status == APPLIED:
        return f"the seconds are given; Pusher has not accepted the event; {retried}"
    if found.status == REJECTED:
        return f"rejected; to be looked at once more, when no attempt can be under way; {retried}"
    if status is None:
        return "Redis does not answer, so no worker comes to it"
    if not status.workers:
        return f"no worker runs; {retried}"
    if not found.retries:
        return "no sweeper has retried it" if status.sweeper else "no sweeper runs"
    return f"{retried}, and no worker has finished it; their logs say why"
