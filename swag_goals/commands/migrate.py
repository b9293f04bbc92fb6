"""`flask migrate`: the dated steps in migrations/, each once."""

import click
from flask.cli import with_appcontext
from mongoengine.connection import get_db
from rich.console import Console

from swag_goals.commands.command import Command
from swag_goals.documents import migrations


@click.command(cls=Command)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@with_appcontext
def migrate(dry_run: bool) -> None:
    """Run the steps in migrations/ that this database has not seen, one process at a time.

    Safe to run at any time, also while the program serves, and again after it was killed.
    """
    steps = migrations.pending(get_db())
    if not steps:
        click.echo("Nothing to do: the database has seen every step.")
    elif dry_run:
        for step in steps:
            click.echo(f"Would run {step.stem}: {migrations.load(step)['__doc__']}")
    else:
        _run()


def _run() -> None:
    console = Console(highlight=False, soft_wrap=True)
    with console.status("") as status:

        def tell(said: str) -> None:
            console.print(said)
            status.update(f"after {said}")

        try:
            migrations.run(get_db(), tell)
        except migrations.LeaseLost:
            raise click.ClickException("Another migration took over, as this one had stood still.") from None
    console.print("The database has seen every step.")
