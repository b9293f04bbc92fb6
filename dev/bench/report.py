"""The figures as files: the raw ones as JSON, a page with tables, and plots."""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dev.bench import plots
from dev.bench.figures import Aim, Curve, Measured, Result, short, spread
from dev.list_table import list_table

FILE = "bench.json"


@dataclass(frozen=True)
class Run:
    """A benchmark's result, on what and when it was measured, and how busy that was before and after."""

    title: str
    machine: str
    began: str
    seconds: float
    load: Sequence[float]
    result: Result


def save(runs: Mapping[str, Run], folder: Path) -> None:
    """Write `bench.json`, `bench.rst` and a plot for each benchmark."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = {name: asdict(run) for name, run in runs.items()}
    (folder / FILE).write_text(json.dumps(raw, indent=1) + "\n")
    (folder / "bench.rst").write_text("\n".join(page(runs)))
    for name, run in runs.items():
        (folder / f"bench-{name}.svg").write_bytes(plots.svg(run.result))


def load(folder: Path) -> dict[str, Run]:
    """What was saved there; nothing where nothing was."""
    file = folder / FILE
    runs = json.loads(file.read_text()) if file.exists() else {}
    return {name: Run(**{**run, "result": _result(run["result"])}) for name, run in runs.items()}


def machine() -> str:
    """What it was measured on."""
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"


def page(runs: Mapping[str, Run]) -> Iterator[str]:
    """The page, line by line."""
    yield from ("The last benchmarks", "===================", "")
    yield "Written by ``make bench``. Medians, with the least and the most of the rounds."
    yield ""
    yield from list_table(
        ("", "measured", "should be"), [_aim_row(aim) for run in runs.values() for aim in run.result.aims]
    )
    for name, run in runs.items():
        yield from section(name, run)


def section(name: str, run: Run) -> Iterator[str]:
    """One benchmark."""
    yield from (run.title, "-" * len(run.title), "")
    before, after = run.load
    yield f"On {run.machine}, {run.began}, in {run.seconds:.0f} s; its load was {before:.1f} before, {after:.1f} after."
    yield ""
    yield from list_table(
        ("", "measured", "unit"), [(each.what, spread(each.values), each.unit) for each in run.result.measured]
    )
    yield from (f".. image:: bench-{name}.svg", f"   :alt: {run.title}; the numbers are in the table above.", "")


def _aim_row(aim: Aim) -> tuple[str, str, str]:
    verdict = "reached" if aim.reached else "**not reached**"
    return aim.what, spread(aim.values), f"{aim.side} {short(aim.bound)}: {verdict}"


def _result(raw: dict[str, Any]) -> Result:
    return Result(
        [Measured(**each) for each in raw["measured"]],
        [Aim(**each) for each in raw["aims"]],
        [Curve(**each) for each in raw["curves"]],
        (raw["axes"][0], raw["axes"][1]),
    )
