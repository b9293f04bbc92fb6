"""The drill's numbers and its picture as files of the documentation."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from dev.drill.picture import svg
from dev.drill.report import Report
from dev.drill.tables import Table, tables
from dev.list_table import list_table

NOTES = {
    "Crash points": "Each row is one extension. Where a session has several viewers, the numbers are each viewer's.",
    "Chaos": (
        "Settled is counted from the answer, or from when the last part that was down in between ran again; "
        "the median and the worst. The plain program has no ledger: with it the drill must fail."
    ),
    "Loss of the majority": "Calls made while both secondaries were down, and what became of them afterwards.",
    "Admission": (
        "A thousand viewers of a hundred sessions, each asked for every two seconds, while ends move, extensions come "
        "and web processes, Redis and MongoDB die. Wrongly refused: although the permission had lasted for two "
        "seconds; wrongly let in: more than five seconds after it had ended."
    ),
    "Isolation from Pusher": (
        "30 extensions a second over 500 sessions with one worker. Given is counted from the call to the seconds in "
        "the session, notified from Pusher's return until nobody waits."
    ),
}


def write(report: Report, folder: Path) -> None:
    """Write `drill.rst`, `drill.json` and, of the first chaos, `drill.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = list(tables(report))
    (folder / "drill.rst").write_text("\n".join(_page(report, found)))
    (folder / "drill.json").write_text(json.dumps(_numbers(report, found), indent=1) + "\n")
    if report.chaos:
        (folder / "drill.svg").write_bytes(svg(report.chaos[0]))


def _numbers(report: Report, found: list[Table]) -> dict[str, object]:
    return {
        "seed": report.seed,
        "broken": report.broken(),
        "tables": {table.title: [dict(zip(table.header, row, strict=True)) for row in table.rows] for table in found},
    }


def _page(report: Report, found: list[Table]) -> Iterator[str]:
    yield from ("The drill's last full run", "=" * 25, "")
    yield f"Written on {os.cpu_count()} cores by ``make drill ARGS='--seed {report.seed} --write docs/figures'``."
    broken = report.broken()
    yield f"Broken promises: {len(broken)}." if broken else "No promise was broken."
    yield ""
    for table in found:
        yield from _table(table)
        if table.title == "Chaos" and report.chaos:
            yield from _figure(report)


def _table(table: Table) -> Iterator[str]:
    yield from (table.title, "-" * len(table.title), "", NOTES[table.title], "")
    yield from list_table(table.header, table.rows)


def _figure(report: Report) -> Iterator[str]:
    yield ".. figure:: drill.svg"
    yield "   :alt: Extensions pressed, acknowledged and settled over time, above what was down when."
    yield from ("", f"   The chaos of seed {report.chaos[0].seed}.", "")
