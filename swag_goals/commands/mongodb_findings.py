"""What `flask doctor` finds of MongoDB."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pymongo
from mongoengine.connection import get_db
from pymongo.database import Database
from pymongo.errors import PyMongoError

from swag_goals import migrations
from swag_goals.commands.finding import Finding, either, explain
from swag_goals.connections import connect_mongodb
from swag_goals.documents.ledger import await_majority, server_time
from swag_goals.documents.unfinished import unfinished

TIMEOUT = 5.0  # seconds for all questions together
CLOCKS_APART = 5.0  # seconds; more of them and good tokens are refused


def mongodb_findings(uri: str) -> Iterator[Finding]:
    """Whether it has a primary and a majority, its clock, indexes, and what is overdue."""
    connect_mongodb(uri)
    database = get_db()
    try:
        with pymongo.timeout(TIMEOUT):
            yield _replica_set(database)
            yield _majority()
            yield _clock()
            yield _migrations(database)
            yield _indexes(database)
            yield _overdue()
    except PyMongoError as error:
        yield _unavailable(database, error)


def _unavailable(database: Database[dict[str, Any]], error: PyMongoError) -> Finding:
    members = {}
    for (host, port), member in sorted(database.client.topology_description.server_descriptions().items()):
        is_heard = member.error is None and member.server_type_name != "Unknown"
        explained = ("it answers, and is no primary", "start most of its members")
        members[f"{host}:{port}" if port else host] = explained if is_heard else explain(member.error or error)
    if not members:
        return Finding(False, "MongoDB is another replica set: look at the option replicaSet of MONGODB_URI.")
    hints = sorted({hint for _, hint in members.values()})
    causes = "; ".join(f"{host}: {words}" for host, (words, _) in members.items())
    return Finding(False, f"No primary of MongoDB answers ({causes}): {'; '.join(hints)}, and at MONGODB_URI.")


def _replica_set(database: Database[dict[str, Any]]) -> Finding:
    return either(
        database.command("hello").get("setName"),
        "MongoDB is a replica set with a primary.",
        "MongoDB runs alone: start it as a replica set, as majorities need one.",
    )


def _majority() -> Finding:
    try:
        with pymongo.timeout(TIMEOUT / 2):
            await_majority()
    except PyMongoError as error:
        return Finding(False, f"MongoDB has no majority ({type(error).__name__}): start its other members.")
    return Finding(True, "A majority of MongoDB's members acknowledges writes.")


def _clock() -> Finding:
    ahead = (datetime.now(UTC) - server_time()).total_seconds()
    says = f"This machine's clock is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} MongoDB's"
    return either(abs(ahead) < CLOCKS_APART, f"{says}.", f"{says}: synchronize both with NTP.")


def _migrations(database: Database[dict[str, Any]]) -> Finding:
    names = ", ".join(step.stem for step in migrations.pending(database))
    return either(not names, "Every migration has run.", f"Migrations have not run ({names}). Run: flask migrate")


def _indexes(database: Database[dict[str, Any]]) -> Finding:
    try:
        names = ", ".join(migrations.missing_indexes(database))
    except migrations.StepFailed as failed:
        return Finding(False, f"A migration cannot be read: {failed}.")
    wrong = f"Indexes are missing ({names}). Run: flask migrate. If it has nothing to do, somebody dropped them: "
    again = f"delete their step from the collection {migrations.COLLECTION}, so that it runs once more."
    return either(not names, "Every index is there.", wrong + again)


def _overdue() -> Finding:
    overdue = sum(each.overdue for each in unfinished().values())
    wrong = f"Extensions overdue: {overdue}. See why: flask extension overdue"
    return either(not overdue, "No extension is overdue.", wrong)
