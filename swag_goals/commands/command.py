"""What the operators' commands have in common: outages in one sentence, who asks, and JSON for programs."""

import errno
import getpass
import io
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup
from mongoengine.errors import OperationError
from pymongo.errors import PyMongoError
from redis import RedisError
from rich.console import Console
from rich.table import Table

from swag_goals.documents.ids import hex_id
from swag_goals.documents.record_shape import UnreadableExtension
from swag_goals.times import from_iso

# As a shell has it of what SIGPIPE ends. Python ignores that signal, for the sake of its sockets.
READER_GONE = 128 + signal.SIGPIPE

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


class Command(click.Command):
    """A command that ends in one sentence, with status 1, where MongoDB or Redis is unavailable, or a disk full.

    Where nobody reads any more what it prints, it ends as those do that the signal of that ends.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        if sys.stdout is None:
            raise click.ClickException("The standard output is closed; nothing was done. To see nothing: > /dev/null")
        try:
            return super().invoke(ctx)
        # The message could hold an address with its password.
        except (PyMongoError, OperationError) as error:
            raise click.ClickException(f"MongoDB did not do it ({type(error).__name__}). See: flask doctor") from None
        except RedisError as error:
            raise click.ClickException(f"Redis did not do it ({type(error).__name__}). See: flask doctor") from None
        except UnreadableExtension as error:
            raise click.ClickException(f"Another hand was in the ledger: {error}.") from None
        except OSError as error:
            # What it still holds cannot be written, and Python would say so as it ends.
            sys.stdout = io.StringIO()
            if error.errno == errno.EPIPE:
                sys.stderr = io.StringIO()  # it may be stderr's reader that is gone
                ctx.exit(READER_GONE)
            raise click.ClickException(f"Not all of it is written: {error.strerror or type(error).__name__}.") from None


class Group(AppGroup):
    """A group of such commands."""

    command_class = Command


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return None


by = click.option("--by", default=_user, required=True, help="Who you are; your user's name if not given.")


def _not_blank(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("say why")
    return value


reason = click.option(
    "--reason", required=True, callback=_not_blank, help="Why; it stands in the ledger with who you are."
)


def an_id(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """An option's value that must be an id."""
    if value is not None and hex_id(value) is None:
        raise click.BadParameter("give an id, 24 lower-case hex digits")
    return value


def _time(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    try:
        return None if value is None else from_iso(value)
    except (ValueError, OverflowError):
        raise click.BadParameter("give a time as 2026-01-31T12:00:00Z or 2026-01-31") from None


def time_option(name: str, what: str) -> Any:
    """An option that is a time in ISO 8601."""
    return click.option(name, metavar="TIME", callback=_time, help=f"{what} In ISO 8601, UTC unless it says a zone.")


def say(sentence: str, record: Mapping[str, Any], as_json: bool) -> None:
    """Print what was done: in a sentence, or JSON."""
    click.echo(json.dumps(record, indent=2) if as_json else sentence)


def show(record: Mapping[str, Any], as_json: bool) -> None:
    """Print one record: a line for each field, or JSON."""
    say("\n".join(_lines(record)), record, as_json)


def show_all(records: list[dict[str, Any]], as_json: bool) -> None:
    """Print records that have the same fields: a line each, or a JSON array."""
    if as_json:
        click.echo(json.dumps(records, indent=2))
        return
    if not records:
        click.echo("None.")
        return
    table = Table(box=None, pad_edge=False, header_style="")
    for field in records[0]:
        table.add_column(field.replace("_", " "), overflow="fold")
    for record in records:
        table.add_row(*map(_plain, record.values()))
    # Elsewhere than on a terminal nothing is folded, so that a line stays a line.
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 1000)
    with console.capture() as printed:
        console.print(table)
    click.echo(printed.get(), nl=False)


def _lines(record: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    width = max(map(len, record), default=0)
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield f"{indent}{name}"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{indent}{name}"
            yield from (f"{indent}  {_plain(each)}" for each in value)
        else:
            yield f"{indent}{name:{width}}  {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "-"
    if isinstance(value, dict):
        return " ".join(f"{name}={_plain(each)}" for name, each in value.items()) or "-"
    return "-" if value is None else str(value)
