"""`flask migrate`: the dated steps in migrations/, each once."""

import click
from mongoengine.connection import get_db

from swag_goals import migrations
from swag_goals.commands.command import Command, as_json, say
from swag_goals.commands.progress import Stderr


@click.command(cls=Command)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@as_json
def migrate(dry_run: bool, as_json: bool) -> None:
    """Run the steps in migrations/ that have not run yet.

    Where another process runs them, wait for it. Safe at any time, also while the program serves, and
    again after it was killed.
    """
    steps = migrations.pending(get_db())
    said = "The database has seen every step." if steps else "Nothing to do: the database has seen every step."
    try:
        if dry_run and steps:
            said = "\n".join(f"Would run {step.stem}: {migrations.load(step)['__doc__'] or '-'}" for step in steps)
        elif steps:
            console = Stderr(markup=False, soft_wrap=True)
            with console.status("Migrating"):
                migrations.run(get_db(), console.print)
    except migrations.StepFailed as failed:
        what_now = "What it had done stays; when it is mended, run flask migrate again."
        raise click.ClickException(f"A step failed: {failed}. {what_now}") from None
    except migrations.LeaseLost:
        raise click.ClickException("Another migration took over, as this one had stood still.") from None
    say(said, {"steps": [step.stem for step in steps]}, as_json)
