"""The same chaos as for the program finds what a plain one loses, so it would find it here too."""

import pytest

from dev.drill import chaos, tally
from dev.drill.load import RATE
from dev.drill.report import Report

SEED, EXTENSIONS = 6, 60


def test_a_program_without_a_ledger_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    # An extension whose worker died is lost until RQ misses the worker, after minutes.
    monkeypatch.setattr(tally, "LOST_AFTER", 8.0)

    over = chaos.run(SEED, EXTENSIONS, RATE, chaos.PLAIN, lambda text: None)

    assert over.tally.count.lost + over.tally.count.doubled
    assert Report(SEED, control=over).broken() == []
    assert Report(SEED, chaos=[over]).miscounted()
