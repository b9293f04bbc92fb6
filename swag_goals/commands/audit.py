"""`flask audit`: what the ledger says against what the sessions hold."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from bson import ObjectId

from swag_goals.commands.command import Command, an_id, as_json, show, time_option
from swag_goals.commands.progress import tracked
from swag_goals.documents.session import Session
from swag_goals.services.audit_ledger import audit_ledger
from swag_goals.services.discrepancy import BROKEN, OTHERS, Discrepancy
from swag_goals.times import iso

EXAMPLES = 10  # of each kind


@click.command(cls=Command)
@time_option("--since", "Only sessions of which an extension was requested then or later.")
@click.option("--session", "session_id", metavar="ID", callback=an_id, help="Only this session.")
@as_json
@click.pass_context
def audit(context: click.Context, *, since: datetime | None, session_id: str | None, as_json: bool) -> None:
    """Add up, viewer by viewer, what the ledger says, and compare it with what the sessions hold.

    Read only, beside everything that runs. Says what is broken, and apart from it what other programs changed; of each
    kind the first ten. Ends with 1 where something is broken.
    """
    counts: Counter[str] = Counter()
    examples: dict[str, list[dict[str, Any]]] = defaultdict(list)
    total = None if session_id or since else Session._get_collection().estimated_document_count()
    found = audit_ledger(since=since, session_id=ObjectId(session_id) if session_id else None)
    for each in tracked(found, "Auditing sessions", total):
        counts.update(sessions=1, extensions=each.extensions)
        for discrepancy in each.discrepancies:
            counts[discrepancy.kind] += 1
            if counts[discrepancy.kind] <= EXAMPLES:
                examples[discrepancy.kind].append(_example(discrepancy))
    if session_id and not counts["sessions"]:
        raise click.ClickException(f"There is no session {session_id}, and no extension of it.")
    looked_at = {name: counts[name] for name in ("sessions", "extensions")}
    broken, others = (_found(kinds, counts, examples) for kinds in (BROKEN, OTHERS))
    show(looked_at | {"broken": broken, "others": others}, as_json)
    context.exit(1 if broken else 0)


def _example(discrepancy: Discrepancy) -> dict[str, Any]:
    values = {name: str(value) if isinstance(value, ObjectId) else value for name, value in asdict(discrepancy).items()}
    return {**values, "at": discrepancy.at and iso(discrepancy.at)}


def _found(kinds: Mapping[str, str], counts: Mapping[str, int], examples: Mapping[str, Any]) -> dict[str, Any]:
    return {
        kind: {"count": counts[kind], "means": means, "examples": examples[kind]}
        for kind, means in kinds.items()
        if counts[kind]
    }
