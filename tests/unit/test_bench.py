"""What `make bench` says of its figures, without measuring any."""

import importlib
from pathlib import Path

import pytest

from dev.bench import report
from dev.bench.__main__ import BENCHES
from dev.bench.figures import Aim, Curve, Measured, Result
from dev.bench.report import Run

FAST = Measured("fast", "calls/s", [100.0, 120.0, 110.0])
SLOW = Measured("slow", "calls/s", [50.0, 80.0, 40.0])


def test_the_ratio_is_taken_in_each_round_and_its_median_counts() -> None:
    aim = Aim("fast, in slow", FAST / SLOW, "at least", 2.0)

    assert aim.values == [2.0, 1.5, 2.75]
    assert aim.reached
    assert not Aim("fast, in slow", FAST / SLOW, "at most", 1.9).reached


def test_what_was_saved_is_there_beside_a_later_run(tmp_path: Path) -> None:
    curve = Curve("fast", [1.0, 2.0], [3.0, 4.0])
    aims = [Aim("fast, in slow", FAST / SLOW, "at least", 3.0)]
    result = Result([FAST, SLOW], aims, [curve], ("seconds", "calls"))
    runs = {"call": Run("The extend call", "2 cores", "2026-01-31 12:00 UTC", 1.0, [0.5, 1.5], result)}

    report.save(runs, tmp_path)

    assert report.load(tmp_path) == runs
    page = (tmp_path / "bench.rst").read_text()
    assert "2.00 (1.50 to 2.75)" in page
    assert "at least 3.00: **not reached**" in page
    assert (tmp_path / "bench-call.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize("name", BENCHES)
def test_each_benchmark_has_a_title_and_can_be_run(name: str) -> None:
    bench = importlib.import_module(f"dev.bench.benches.{name.replace('-', '_')}")

    assert bench.TITLE
    assert callable(bench.run)
