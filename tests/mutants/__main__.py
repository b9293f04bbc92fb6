"""The command: `python -m tests.mutants --help`."""

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import click

from tests.model.conditions import MODELLED, OF_A_VOID, VOID, Condition, broken
from tests.mutants.copies import copied, failing
from tests.mutants.table import CONDITIONS

PARALLEL = 2


@click.command()
@click.option("-k", "pattern", default="", help="Only conditions whose name this expression is found in.")
@click.option("--no-model", is_flag=True, help="Leave the model out.")
@click.option("--no-code", is_flag=True, help="Leave the code out.")
def main(*, pattern: str, no_model: bool, no_code: bool) -> None:
    """Remove each condition, in the model and in the code, and print who notices. Ends with 1 where nobody does."""
    chosen = [each for each in CONDITIONS if re.search(pattern, each.name)]
    survivors = 0
    if not no_model:
        survivors += _print(_in_the_model(chosen, pattern))
    if not no_code:
        survivors += _print(_in_the_code(chosen))
    click.echo(f"{survivors} survivors")
    sys.exit(1 if survivors else 0)


def _print(rows: Iterator[tuple[str, str | None]]) -> int:
    survivors = 0
    for name, noticed in rows:
        click.echo(f"{name}\n    {noticed or 'SURVIVES'}")
        survivors += noticed is None
    return survivors


def _in_the_model(chosen: list[Condition], pattern: str) -> Iterator[tuple[str, str | None]]:
    rows = [(each.name, each.rules, each.invariant, each.bounds) for each in MODELLED if each in chosen]
    rows += [(name, rules, which, VOID) for name, (rules, which) in OF_A_VOID.items() if re.search(pattern, name)]
    for name, rules, invariant, bounds in rows:
        trace = broken(rules, invariant, bounds)
        yield name, f"{invariant}, {len(trace)} steps: " + "; ".join(trace) if trace else None


def _in_the_code(chosen: list[Condition]) -> Iterator[tuple[str, str | None]]:
    with ExitStack() as open_, ThreadPoolExecutor(PARALLEL) as pool:
        copies: SimpleQueue[Path] = SimpleQueue()
        for _ in range(PARALLEL):
            copies.put(open_.enter_context(copied()))

        def noticed(condition: Condition) -> str | None:
            copy = copies.get()
            try:
                return failing(copy, condition.path, condition.old, condition.new, condition.test)
            finally:
                copies.put(copy)

        yield from zip([each.name for each in chosen], pool.map(noticed, chosen), strict=True)


if __name__ == "__main__":
    main()
