"""Drills in little: what `make drill` does for minutes, in seconds, and without its limits of time."""

import pytest

from dev.drill import chaos


@pytest.fixture(autouse=True)
def more_deaths_in_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of some dozens would be none."""
    monkeypatch.setattr(chaos, "DEATHS_IN_JOBS", 0.04)
