"""What the terminal shows while a drill runs, and after it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import rich.table
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dev.drill.crash_points import Result
from dev.drill.report import Report
from dev.drill.tables import Table, tables

Say = Callable[[str], None]


class Display:
    """A bar for what is under way, and a line for each thing that happens."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, transient=True)

    @contextmanager
    def part(self, title: str) -> Iterator[Say]:
        """A part of the drill; what is given to `Say` is printed on a line of its own."""
        self._console.rule(title)
        with self._progress:
            yield lambda text: self._progress.console.print(text, style="dim")
        for task in self._progress.task_ids:
            self._progress.remove_task(task)

    def bars(self, *names: str, total: int) -> Callable[..., None]:
        """A bar for each name; call what comes back with how far each is."""
        tasks = [self._progress.add_task(name, total=total) for name in names]

        def advance(*numbers: int) -> None:
            for task, number in zip(tasks, numbers, strict=True):
                self._progress.update(task, completed=number)

        return advance

    def case(self, result: Result) -> None:
        """A crash point that is over."""
        verdict = f"settled after {result.settled:.1f} s" if result.kept else "BROKEN"
        self._progress.console.print(f"{result.case.name}: {verdict}")

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
