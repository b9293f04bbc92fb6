"""The command: `python -m dev.bench --help`."""

import importlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from dev.bench import report
from dev.bench.checks import Wrong
from dev.bench.effort import FULL, QUICK, Effort, Step
from dev.bench.figures import Result, short, spread
from dev.bench.report import Run
from dev.stack.folder import LOCAL
from dev.stack.keeper import ROOT
from dev.stack.outcome import NOT_UP, sentence

BENCHES = (
    *("call", "jobs", "latency", "workers"),
    *(
        "large-session",
        "long-session",
        "many-viewers",
        "large-ledger",
        "audit",
        "compensate",
        "overdue",
        "memory",
        "refusals",
        "admission",
    ),
)
PUBLISHED = ROOT / "docs/figures"
TRIED = LOCAL / "bench"
console = Console(highlight=False)


@click.command()
@click.option("--only", type=click.Choice(BENCHES), multiple=True, help="Measure this alone; may be given again.")
@click.option("--quick", is_flag=True, help="A first look, in some minutes. Its figures go to .local/bench.")
def main(only: Sequence[str], quick: bool) -> None:
    """Measure how fast the program is, beside others, and write the figures into docs/figures.

    Each is written as it is measured. Ends with 1 where one was not right, of which nothing is written.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder, effort = (TRIED, QUICK) if quick else (PUBLISHED, FULL)
    runs = report.load(folder)
    names = [name for name in BENCHES if not only or name in only]
    try:
        with progress() as shown:
            task = shown.add_task("", total=len(names))
            for name in names:
                runs[name] = measure(name, effort, partial(say, shown, task, name))
                shown.advance(task)
                show(name, runs[name].result)
                # As soon as it is there: a run that is interrupted after half an hour has not been for nothing.
                report.save({name: runs[name] for name in BENCHES if name in runs}, folder)
    except NOT_UP as error:
        raise click.ClickException(sentence(error)) from None
    except Wrong as wrong:
        console.print(f"[bold red]Not right:[/bold red] {name}: {wrong}")
        sys.exit(1)
    console.print(f"The figures are in {in_checkout(folder)}.")


def say(shown: Progress, task: TaskID, name: str, said: str) -> None:
    """Show what a benchmark is at."""
    shown.update(task, description=f"{name}: {said}")


def measure(name: str, effort: Effort, step: Step) -> Run:
    """Run one benchmark."""
    bench = importlib.import_module(f"dev.bench.benches.{name.replace('-', '_')}")
    began, started, load = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", time.monotonic(), os.getloadavg()[0]
    result: Result = bench.run(effort, step)
    seconds = time.monotonic() - started
    return Run(bench.TITLE, report.machine(), began, seconds, [load, os.getloadavg()[0]], result)


def show(name: str, result: Result) -> None:
    """Print what was found."""
    table = Table(title=name, title_justify="left", box=None)
    for column in ("", "measured", ""):
        table.add_column(column)
    for each in result.measured:
        table.add_row(each.what, spread(each.values), each.unit)
    for aim in result.aims:
        style = "green" if aim.reached else "red"
        table.add_row(aim.what, spread(aim.values), f"[{style}]{aim.side} {short(aim.bound)}[/{style}]")
    console.print(table)
    console.print()


def progress() -> Progress:
    """What the terminal shows while something is measured."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=console, transient=True)


def in_checkout(folder: Path) -> Path:
    """The folder as seen from the checkout."""
    return folder.relative_to(ROOT)


if __name__ == "__main__":
    main()
