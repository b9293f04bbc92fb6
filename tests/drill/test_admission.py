"""Viewers watch while everything dies: nobody is refused wrongly, nobody is let in wrongly."""

from dev.drill import admission
from dev.drill.report import Report

SEED, SECONDS, SESSIONS = 6, 9.0, 20


def test_nobody_is_refused_or_let_in_who_should_not_be_whatever_dies() -> None:
    over = admission.run(SEED, SECONDS, lambda text: None, SESSIONS)

    assert Report(SEED, watched=[over]).miscounted() == []
