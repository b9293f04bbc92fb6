"""The report as tables, for the terminal and for the documentation."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median

from dev.drill.admission import Watched
from dev.drill.chaos import Chaos
from dev.drill.crash_points import Result
from dev.drill.isolation import Isolation
from dev.drill.majority import Loss
from dev.drill.report import Report


@dataclass(frozen=True)
class Table:
    """A table; the first column holds words, the others numbers."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(report: Report) -> Iterator[Table]:
    """A table for each part of the drill that was done."""
    if report.crash_points:
        yield _crash_points(report.crash_points)
    if report.chaos:
        yield _accidents(report.chaos)
    if report.chaos or report.control:
        yield _chaos(report.chaos, report.control)
    if report.losses:
        yield _majority(report.losses)
    if report.isolations:
        yield _isolation(report.isolations)
    if report.watched:
        yield _watched(report.watched)


def _crash_points(results: Sequence[Result]) -> Table:
    rows = [
        [
            result.case.name,
            _one_or_all(result.grants),
            str(min(result.events)),
            "never" if result.settled is None else f"{result.settled:.1f}",
        ]
        for result in results
    ]
    return Table("Crash points", ["killed", "grants", "events", "settled (s)"], rows)


def _one_or_all(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(set(numbers)) == 1 else str(numbers)


def _accidents(runs: Sequence[Chaos]) -> Table:
    header = [
        "seed",
        "minutes",
        "killed",
        "frozen",
        "cut off",
        "slow disk",
        "elections",
        "rollbacks",
        "members apart (s)",
        "hosts apart (s)",
        "load",
    ]
    rows = [_accidents_row(str(run.seed), [run]) for run in runs]
    if len(runs) > 1:
        rows.append(_accidents_row("all", runs))
    return Table("What happened", header, rows)


def _accidents_row(name: str, runs: Sequence[Chaos]) -> list[str]:
    happened = Counter(accident.sort for run in runs for accident in run.accidents)
    return [
        name,
        f"{sum(run.seconds for run in runs) / 60:.1f}",
        *(f"{happened[sort]:,}" for sort in ("killed", "frozen", "cut off", "slow")),
        *(f"{sum(getattr(run, name) for run in runs):,}" for name in ("elections", "rollbacks")),
        f"{max(run.apart('mongod') for run in runs):.1f}",
        f"{max(run.apart('') for run in runs):.1f}",
        f"{mean(run.load for run in runs):.0f}",
    ]


def _chaos(runs: Sequence[Chaos], control: Chaos | None) -> Table:
    header = [
        "seed",
        "acknowledged",
        "voided",
        "lost",
        "doubled",
        "not notified",
        "given up",
        "pending",
        "settled (s)",
        "from the answer (s)",
        "sessions checked",
    ]
    rows = [_chaos_row(str(run.seed), [run]) for run in runs]
    if len(runs) > 1:
        rows.append(_chaos_row("all", runs))
    if control:
        rows.append(_chaos_row("plain program", [control]))
    return Table("Chaos", header, rows)


def _chaos_row(name: str, runs: Sequence[Chaos]) -> list[str]:
    tallies = [run.tally for run in runs]
    counts = [tally.count for tally in tallies]
    return [
        name,
        f"{sum(count.acknowledged for count in counts):,}",
        f"{sum(run.voided for run in runs):,}",
        *(str(sum(getattr(count, column) for count in counts)) for column in ("lost", "doubled", "not_notified")),
        str(sum(len(tally.given_up) for tally in tallies)),
        str(sum(tally.pending for tally in tallies)),
        _waits([wait for tally in tallies for wait in tally.waits()]),
        _waits([wait for tally in tallies for wait in tally.waits_from_answer()]),
        str(sum(tally.sessions for tally in tallies)),
    ]


def _waits(waits: Sequence[float]) -> str:
    return f"{median(waits):.1f}, at worst {max(waits):.1f}" if waits else "never"


def _majority(losses: Sequence[Loss]) -> Table:
    header = [
        "secondaries",
        "2xx",
        "503",
        "slowest (s)",
        "acknowledged later",
        "lost",
        "doubled",
        "not notified",
        "pending",
    ]
    rows = [
        [
            loss.way,
            *(str(number) for number in (loss.promises, loss.answers[503])),
            f"{loss.slowest:.1f}",
            *(str(getattr(loss.tally.count, name)) for name in ("acknowledged", "lost", "doubled", "not_notified")),
            str(loss.tally.pending),
        ]
        for loss in losses
    ]
    return Table("Loss of the majority", header, rows)


def _isolation(isolations: Sequence[Isolation]) -> Table:
    header = ["Pusher", "extensions", "given (s), 99 %", "at worst", "by the late rule", "notified after (s)"]
    rows = [
        [
            each.way,
            f"{each.extensions:,}",
            f"{each.usual:.2f}",
            f"{each.worst:.2f}",
            str(each.late),
            f"{each.notified_after:.1f}",
        ]
        for each in isolations
    ]
    return Table("Isolation from Pusher", header, rows)


def _watched(runs: Sequence[Watched]) -> Table:
    header = ["seed", "let in", "refused", "503", "no answer", "changes", "wrongly refused", "wrongly let in"]
    rows = [
        [
            str(each.seed),
            *(f"{each.answers[status]:,}" for status in (204, 403, 503, None)),
            *(str(number) for number in (each.changes, each.refused, each.let_in)),
        ]
        for each in runs
    ]
    return Table("Admission", header, rows)
