"""What the terminal shows while a drill runs, and after it."""

import time
from typing import Self

import rich.table
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dev.drill.report import Report
from dev.drill.tables import Table, tables


class Display:
    """Context manager: a bar for the parts that are over, and a line for each thing that happens."""

    def __init__(self, title: str, parts: int) -> None:
        self._console = Console(highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task = self._progress.add_task("parts", total=parts)
        self._console.rule(title)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print it on a line of its own, with the time, from any thread."""
        self._progress.console.print(f"{time.strftime('%H:%M:%S')} {text}", style="dim", markup=False)

    def over(self, title: str) -> None:
        """A part is."""
        self.say(f"{title}: over")
        self._progress.advance(self._task)

    def report(self, report: Report) -> None:
        """The tables and the verdict."""
        for table in tables(report):
            self._console.print(_rendered(table))
        broken = report.broken()
        for fault in broken:
            self._console.print(fault, style="red", markup=False)
        if broken:
            self._console.print(f"{len(broken)} promises were broken. Seed {report.seed}.", style="bold red")
        else:
            self._console.print(f"Every promise was kept. Seed {report.seed}.", style="bold green")


def _rendered(table: Table) -> rich.table.Table:
    rendered = rich.table.Table(title=table.title, title_justify="left")
    for number, name in enumerate(table.header):
        rendered.add_column(name, justify="right" if number else "left")
    for row in table.rows:
        rendered.add_row(*row)
    return rendered
