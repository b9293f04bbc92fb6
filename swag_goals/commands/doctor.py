"""`flask doctor`: is everything there that the program needs, and what to do where it is not."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click
import pymongo
from mongoengine.connection import get_db
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from redis import RedisError

from swag_goals import migrations
from swag_goals.commands.command import Command, as_json
from swag_goals.connections import connect_mongodb, connect_redis
from swag_goals.documents.ledger import server_time
from swag_goals.documents.unfinished import unfinished
from swag_goals.events.pusher_channels import PusherChannels, PusherError
from swag_goals.queue.worker_status import worker_status
from swag_goals.settings import HINTS, PusherApp, SettingsError, read
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT

MONGODB_TIMEOUT = 5.0  # seconds for all questions together
CLOCKS_APART = 5.0  # seconds; more of them and good tokens are refused


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in a sentence; where it is not well, what to do."""

    well: bool
    says: str


@click.command(cls=Command)
@as_json
def doctor(as_json: bool) -> None:
    """Check every setting and connection, and say what to do. Changes nothing.

    Ends with 1 where something is wrong.
    """
    findings = []
    for finding in examine(os.environ):
        findings.append(finding)
        if not as_json:
            click.secho("well   " if finding.well else "wrong  ", fg="green" if finding.well else "red", nl=False)
            click.echo(finding.says)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if not all(finding.well for finding in findings):
        click.get_current_context().exit(1)


def examine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at the settings, and at every server whose setting is right."""
    settings: dict[str, Any] = {}
    for name in HINTS:
        try:
            settings[name] = read(environ, name)
            yield Finding(True, f"{name} can be read.")
        except SettingsError as error:
            # PUSHER_WS_URL is derived from PUSHER_URL, which was reported already.
            if str(error).startswith(f"{name} "):
                yield Finding(False, str(error))
    if "MONGODB_URI" in settings:
        yield from _mongodb(settings["MONGODB_URI"])
    if "REDIS_URL" in settings:
        yield from _redis(settings["REDIS_URL"])
    if "PUSHER_URL" in settings:
        yield _pusher(settings["PUSHER_URL"])


def _mongodb(uri: str) -> Iterator[Finding]:
    try:
        connect_mongodb(uri)
        with pymongo.timeout(MONGODB_TIMEOUT):
            database = get_db()
            yield _replica_set(database)
            yield _majority(database)
            yield _clock()
            yield _migrations(database)
            yield _indexes(database)
            yield _overdue()
    except PyMongoError as error:
        no_primary = f"No primary of MongoDB answers ({type(error).__name__})"
        yield Finding(False, f"{no_primary}: look whether most of its members run, and at MONGODB_URI.")


def _replica_set(database: Database[dict[str, Any]]) -> Finding:
    return _either(
        database.command("hello").get("setName"),
        "MongoDB is a replica set with a primary.",
        "MongoDB runs alone: start it as a replica set, as majorities need one.",
    )


def _majority(database: Database[dict[str, Any]]) -> Finding:
    try:
        with pymongo.timeout(MONGODB_TIMEOUT / 2):
            # It finds nothing, and has a majority confirm that nothing was written since.
            certain = database[migrations.COLLECTION].with_options(read_concern=ReadConcern("linearizable"))
            certain.find_one({"_id": "nothing"})
    except PyMongoError as error:
        return Finding(False, f"MongoDB has no majority ({type(error).__name__}): start its other members.")
    return Finding(True, "A majority of MongoDB's members acknowledges writes.")


def _clock() -> Finding:
    ahead = (datetime.now(UTC) - server_time()).total_seconds()
    says = f"This machine's clock is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} MongoDB's"
    return _either(abs(ahead) < CLOCKS_APART, f"{says}.", f"{says}: synchronize both with NTP.")


def _migrations(database: Database[dict[str, Any]]) -> Finding:
    names = ", ".join(step.stem for step in migrations.pending(database))
    return _either(not names, "Every migration has run.", f"Migrations have not run ({names}). Run: flask migrate")


def _indexes(database: Database[dict[str, Any]]) -> Finding:
    try:
        names = ", ".join(migrations.missing_indexes(database))
    except migrations.StepFailed as failed:
        return Finding(False, f"A migration cannot be read: {failed}.")
    wrong = f"Indexes are missing ({names}). Run: flask migrate. If it has nothing to do, somebody dropped them: "
    again = f"delete their step from the collection {migrations.COLLECTION}, so that it runs once more."
    return _either(not names, "Every index is there.", wrong + again)


def _overdue() -> Finding:
    overdue = sum(each.overdue for each in unfinished().values())
    wrong = f"Extensions overdue: {overdue}. See why: flask extension overdue"
    return _either(not overdue, "No extension is overdue.", wrong)


def _redis(url: str) -> Iterator[Finding]:
    connection = connect_redis(url, WORKER_REDIS_TIMEOUT)
    try:
        status = worker_status(connection)
    except RedisError as error:
        yield Finding(False, f"Redis does not answer ({type(error).__name__}): look whether it runs, and at REDIS_URL.")
        return
    failed = f"Jobs: {status.failed} failed. The workers' logs say why; their extensions are retried."
    yield Finding(True, f"Redis answers; {status.waiting} jobs wait.")
    yield _either(status.workers, f"Workers: {status.workers} at work.", "Workers: none runs. Start one: flask work.")
    yield _either(status.sweeper, "Sweepers: one runs.", "Sweepers: none runs. Start one: flask sweep.")
    yield _either(not status.failed, "Jobs: none failed.", failed)


def _pusher(app: PusherApp) -> Finding:
    try:
        PusherChannels(app).check()
    except PusherError as error:
        no_call = f"Pusher does not take a signed call ({error})"
        return Finding(False, f"{no_call}: look whether it runs, and at PUSHER_URL's key, secret, host and app id.")
    return Finding(True, "Pusher takes signed calls.")


def _either(well: object, says: str, wrong: str) -> Finding:
    return Finding(bool(well), says if well else wrong)
