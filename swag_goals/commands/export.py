"""`flask extension export`: the ledger for billing, one line for each extension."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click

from swag_goals.commands.command import Command, time_option
from swag_goals.commands.extension import all_of
from swag_goals.commands.progress import tracked
from swag_goals.documents import ledger_queries, ledger_stream
from swag_goals.documents.record_shape import UnreadableExtension
from swag_goals.times import iso

Write = Callable[[dict[str, Any]], object]

# Another hand may have put a number there that is none, and anything into a list.
_UNREADABLE = (UnreadableExtension, ArithmeticError, LookupError, TypeError, ValueError)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Of an extension of which nothing is known.
_COLUMNS = list(all_of(ledger_stream.Attributes(viewers=[])))


@click.command(cls=Command)
@time_option("--since", "Requested then or later; from the beginning if not given.")
@time_option("--until", "Requested earlier than then; all that is complete if not given.")
@click.option(
    "--format", "form", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True, help="How."
)
@click.option("--output", default="-", metavar="FILE", help="Where; the file is there once all is in it.")
@click.option("--json", "as_json", is_flag=True, help="Say in JSON where the next one begins.")
@click.pass_context
def export(
    context: click.Context, *, since: datetime | None, until: datetime | None, form: str, output: str, as_json: bool
) -> None:
    """Print every extension once, in the order of requested_at, for billing.

    What was requested in the last 30 seconds may still get company from behind and is left to the next export:
    stderr says where that begins. A line has the fields of flask extension show --json. Ends with 1 where a record
    cannot be read; it is named and left out.
    """
    complete = ledger_stream.complete_until()
    until = max(filter(None, [since, min(until or complete, complete)]))
    written, unreadable = 0, 0
    with _opened(output) as file:
        write = _writer(form, file)
        total = None if since else ledger_queries.size()[0]
        for row in tracked(ledger_stream.by_time(since, until), "Exporting", total):
            try:
                write(all_of(ledger_stream.attributes(row)))
                written += 1
            except _UNREADABLE:
                click.echo(f"extension {row['_id']} cannot be read", err=True)
                unreadable += 1
    said = {"exported": written, "unreadable": unreadable, "next_since": iso(until)}
    sentence = "Extensions exported: {exported}. Records that cannot be read: {unreadable}. Next: --since {next_since}"
    click.echo(json.dumps(said) if as_json else sentence.format(**said), err=True)
    context.exit(1 if unreadable else 0)


def _writer(form: str, file: IO[str]) -> Write:
    if form == "ndjson":
        return lambda record: file.write(_encode(record) + "\n")
    rows = csv.DictWriter(file, _COLUMNS, extrasaction="ignore")  # as RFC 4180 has it
    rows.writeheader()
    return lambda record: rows.writerow({name: _cell(value) for name, value in record.items()})


def _cell(value: Any) -> Any:
    """Nothing for null, JSON for what is no plain value."""
    return _encode(value) if isinstance(value, dict | list) else value


@contextmanager
def _opened(output: str) -> Iterator[IO[str]]:
    """The standard output, a pipe or a device, or a file that takes its name when it is whole."""
    file = Path(output).resolve()
    if output == "-" or (file.exists() and not file.is_file()):
        with click.open_file(output, "w", encoding="utf-8") as stream:
            yield stream
            stream.flush()  # before it is said where the next one begins
        return
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except OSError as error:
        raise click.FileError(output, error.strerror) from None
    finally:
        part.unlink(missing_ok=True)
