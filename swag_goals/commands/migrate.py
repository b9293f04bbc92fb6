"""`flask migrate`: the dated steps in migrations/, each once."""

import runpy
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from mongoengine.connection import get_db


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@with_appcontext
def migrate(dry_run: bool) -> None:
    """Run the steps in migrations/ that this database has not seen."""
    database = get_db()
    done = {row["_id"] for row in database["migration"].find()}
    steps = sorted((Path(current_app.root_path).parent / "migrations").glob("[0-9]*.py"))
    for step in steps:
        if step.stem in done:
            continue
        click.echo(f"{'Would run' if dry_run else 'Running'} {step.stem}")
        if not dry_run:
            runpy.run_path(str(step))["up"](database)
            database["migration"].update_one(
                {"_id": step.stem}, {"$setOnInsert": {"done_at": datetime.now(UTC)}}, upsert=True
            )
