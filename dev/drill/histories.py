"""The history of a drill on a running system: kept in `.local/drill`, and checked."""

from collections.abc import Sequence

from dev.drill import history
from dev.drill.browsers import Press
from dev.drill.history_checker import Verdict, check
from dev.drill.system import System


def judged(system: System, presses: Sequence[Press], name: str) -> Verdict:
    """What the whole history so far comes to; it is kept under this name."""
    outages = [each for each in system.outages.all if each.back is not None]
    lines = system.history.lines(presses, system.listener.events, system.listener.subscribed, outages)
    history.write(lines, name)
    return check(lines)
