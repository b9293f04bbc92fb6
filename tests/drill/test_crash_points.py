"""A process killed at one of the most delicate moments of its work: still one grant, and the viewer notified."""

from dev.drill import crash_points
from dev.drill.report import Report

SEED = 6
CHOSEN = {
    "web after the record",
    "worker after the session's update, then worker after asking for the refusal",
    "worker after the Pusher call",
    "web after the record, then sweeper after the claim",
    "a void: worker after the session's update",
    "a void: worker after the extension knows of its void",
}


def test_whichever_process_dies_it_is_granted_once_and_notified() -> None:
    cases = [case for case in crash_points.cases() if case.name in CHOSEN]
    assert len(cases) == len(CHOSEN)

    results, faults = crash_points.run(SEED, cases, "crash-points", lambda text: None)

    assert Report(SEED, crash_points=results, crash_faults=faults).miscounted() == []
    assert len(results) == len(cases)
