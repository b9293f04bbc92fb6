"""The drill's numbers and its picture as files of the documentation."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from dev.drill.picture import svg
from dev.drill.report import Report
from dev.drill.tables import Table, tables
from dev.list_table import list_table

TITLES = {
    "drill": "The drill's last full run",
    "chaos": "The last long run of chaos, two at a time",
    "chaos-alone": "The last chaos that ran alone",
}
NOTES = {
    "Crash points": "Each row is one extension. Where a session has several viewers, the numbers are each viewer's.",
    "What happened": (
        "Killed counts what was terminated or kept down too. Cut off: members from each other, or from clients too, "
        "and the way to Pusher. On a slow disk each sync takes 0.05 to 0.4 s longer. A rollback is what a member does "
        "that comes back with writes which no majority has. Members apart: the furthest that the clocks of two members "
        "were from each other; hosts apart: of any two processes, members and the program's. Load: of the whole "
        "machine, in processes that run or want to, on average over the last five minutes."
    ),
    "Chaos": (
        "Settled is counted from the answer, or from when the last part that was down in between ran again; "
        "the median and the worst. Given up: the permission ended before anybody could be notified, and the record "
        "says so. The plain program has no ledger: with it the drill must fail."
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


def write(report: Report, folder: Path, name: str, arguments: str) -> None:
    """Write `name.rst`, `name.json` and, of the first chaos, `name.svg`; `arguments` are those of the command."""
    folder.mkdir(parents=True, exist_ok=True)
    found = list(tables(report))
    (folder / f"{name}.rst").write_text("\n".join(_page(report, found, name, arguments)))
    (folder / f"{name}.json").write_text(json.dumps(_numbers(report, found), indent=1) + "\n")
    if report.chaos:
        (folder / f"{name}.svg").write_bytes(svg(report.chaos[0]))


def _numbers(report: Report, found: list[Table]) -> dict[str, object]:
    return {
        "seed": report.seed,
        "broken": report.miscounted(),
        "slow": report.slow(),
        "tables": {table.title: [dict(zip(table.header, row, strict=True)) for row in table.rows] for table in found},
    }


def _page(report: Report, found: list[Table], name: str, arguments: str) -> Iterator[str]:
    title = TITLES.get(name, f"The last run of {name}")
    yield from (title, "=" * len(title), "")
    yield f"Written on {os.cpu_count()} cores by ``make drill ARGS='{arguments}'``."
    broken, slow = report.miscounted(), report.slow()
    yield f"Broken promises: {len(broken)}." if broken else "Nothing was lost, given twice or left undone."
    if report.to_come:
        yield f"Still to be run: {', '.join(report.to_come)}."
    yield (
        "Slower than promised, under the load that the first table has:"
        if slow
        else "Nothing was slower than promised."
    )
    yield ""
    yield from (f"- {each}" for each in [*broken, *slow])
    yield ""
    for table in found:
        yield from _table(table)
        if table.title == "Chaos" and report.chaos:
            yield from _figure(report, name)


def _table(table: Table) -> Iterator[str]:
    yield from (table.title, "-" * len(table.title), "", NOTES[table.title], "")
    yield from list_table(table.header, table.rows)


def _figure(report: Report, name: str) -> Iterator[str]:
    yield f".. figure:: {name}.svg"
    yield "   :alt: Extensions pressed, acknowledged and settled over time, above what was down when."
    yield from ("", f"   The chaos of seed {report.chaos[0].seed}.", "")
