"""Every part killed or frozen once under load: nothing is lost, doubled, not notified or left over."""

from dataclasses import replace

from dev.drill import chaos
from dev.drill.load import RATE
from dev.drill.report import Report

SEED, EXTENSIONS = 6, 80


def test_nothing_is_lost_or_doubled_whatever_dies() -> None:
    often_voided = replace(chaos.PROGRAM, voided=0.2)

    over = chaos.run(SEED, EXTENSIONS, RATE, often_voided, lambda text: None)

    assert Report(SEED, chaos=[over]).miscounted() == []
    assert over.tally.count.acknowledged == EXTENSIONS
    assert over.voided
    died = {outage.part.partition("-")[0] for outage in over.tally.outages}
    assert {"web", "worker", "sweeper", "redis", "primary", "links", "disk"} <= died
