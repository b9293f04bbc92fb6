"""The command: `python -m tests.mutants --help`."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import click

from dev.list_table import list_table
from tests.model.conditions import Condition, broken
from tests.mutants.copies import NotRun, copied, failing
from tests.mutants.table import CONDITIONS

PARALLEL = 2
WALK = ("tests/jobs/test_interleavings.py", "--hypothesis-profile=unshrunk")
ORDERS = 200
SURVIVES = "SURVIVES"
DID_NOT_RUN = "DID NOT RUN"
NOT_MODELLED = "not modelled"
TITLE = "What the promises rest on, and who notices"
Row = tuple[str, str, str]


@click.command()
@click.option("-k", "pattern", default="", help="Only conditions whose name this expression is found in.")
@click.option(
    "--walk",
    is_flag=True,
    help=f"Of those that are modelled and concern the walk, see which {ORDERS} of its orders notice.",
)
@click.option("--write", type=click.Path(path_type=Path), help="A folder for the table as a page.")
def main(*, pattern: str, walk: bool, write: Path | None) -> None:
    """Remove each condition, in the model and in the code, and print who notices. Ends with 1 where nobody does."""
    if walk and write:
        raise click.UsageError("The table is of tests; what the walk notices is chance.")
    rows = []
    chosen = [each for each in CONDITIONS if re.search(pattern, each.name)]
    for row in _noticed_by_the_walk([each for each in chosen if each.rule and each.walked]) if walk else _rows(chosen):
        click.echo("\n    ".join(row))
        rows.append(row)
    if write:
        (write / "mutants.rst").write_text("\n".join(_page(rows)))
    survivors, not_run = (sum(verdict in row for row in rows) for verdict in (SURVIVES, DID_NOT_RUN))
    click.echo(f"{len(rows)} conditions, {survivors} survivors, {not_run} not run")
    sys.exit(1 if survivors or not_run else 0)


def _rows(chosen: Sequence[Condition]) -> Iterator[Row]:
    """Each condition, which invariant fails without it, and which test."""
    for condition, test in zip(chosen, _tests(chosen, lambda each: [each.test]), strict=True):
        found = partial(broken, condition.rules, condition.invariant, condition.bounds)
        yield condition.name, _in_the_model(condition.invariant, found) if condition.rule else NOT_MODELLED, test


def _noticed_by_the_walk(chosen: Sequence[Condition]) -> Iterator[Row]:
    os.environ["EXAMPLES"] = str(ORDERS)
    for condition, test in zip(chosen, _tests(chosen, lambda _: WALK), strict=True):
        yield condition.name, f"{ORDERS} orders", test


def _in_the_model(invariant: str, found: Callable[[], Sequence[str]]) -> str:
    trace = found()
    return f"{invariant}, in {len(trace)} steps: {'; '.join(trace)}" if trace else SURVIVES


def _tests(chosen: Sequence[Condition], tests: Callable[[Condition], Sequence[str]]) -> Iterator[str]:
    """The first of its tests that fails without each, side by side in copies of the project."""
    with ExitStack() as opened, ThreadPoolExecutor(PARALLEL) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for _ in range(PARALLEL):
            copies.put(opened.enter_context(copied()))

        def noticed(condition: Condition) -> str:
            copy = copies.get()
            try:
                its = condition.path, condition.old, condition.new
                return failing(copy, *its, *tests(condition)) or SURVIVES
            except (NotRun, subprocess.TimeoutExpired) as error:  # the others go on
                click.echo(f"{condition.name}: {error}", err=True)
                return DID_NOT_RUN
            finally:
                copies.put(copy)

        yield from pool.map(noticed, chosen)


def _page(rows: Iterable[Row]) -> Iterator[str]:
    yield from (TITLE, "=" * len(TITLE), "")
    yield "Written by ``make mutants ARGS='--write docs/figures'``: each condition is removed by itself, in the model"
    yield "and in the code. What fails then is here, in the model with a shortest way there."
    yield ""
    cells = ((name, model, f"``{test.partition('[')[0]}``") for name, model, test in rows)
    yield from list_table(("condition", "in the model", "in the code"), cells)


if __name__ == "__main__":
    main()
