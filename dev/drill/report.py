"""The drill's results, and which promises they break."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from dev.drill.admission import Watched
from dev.drill.chaos import Chaos
from dev.drill.crash_points import Result
from dev.drill.isolation import Isolation
from dev.drill.majority import MAX_ANSWER, Loss
from dev.drill.tally import Tally

MEDIAN_WAIT, MAX_WAIT = 3.0, 15.0  # seconds until settled: the median, and the worst


@dataclass
class Report:
    """What came of a drill; a part that was not requested is empty."""

    seed: int
    crash_points: list[Result] = field(default_factory=list)
    crash_faults: list[str] = field(default_factory=list)
    chaos: list[Chaos] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    isolations: list[Isolation] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    control: Chaos | None = None
    broken_off: list[str] = field(default_factory=list)  # parts that came to no result, and why
    to_come: list[str] = field(default_factory=list)  # parts that are not over

    def broken(self) -> list[str]:
        """The promises that were broken, in words."""
        return [*self.miscounted(), *self.slow()]

    def miscounted(self) -> list[str]:
        """What was lost, given or left undone that should not be, in words; on a slow machine too."""
        return [
            *(f"crash points: {fault}" for fault in _of_crash_points(self.crash_points)),
            *(f"crash points: {fault}" for fault in self.crash_faults),
            *(f"chaos {chaos.seed}: {fault}" for chaos in self.chaos for fault in _of_tally(chaos.tally)),
            *(f"majority {loss.way}: {fault}" for loss in self.losses for fault in _of_loss(loss)),
            *(f"isolation {each.way}: {fault}" for each in self.isolations for fault in each.miscounted()),
            *(f"admission {each.seed}: {fault}" for each in self.watched for fault in each.miscounted()),
            *(f"control: {fault}" for fault in _of_control(self.control)),
            *self.broken_off,
        ]

    def slow(self) -> list[str]:
        """What took longer than promised, in words."""
        return [
            *(f"crash points: {fault}" for fault in _slow_crash_points(self.crash_points)),
            *(f"chaos {chaos.seed}: {fault}" for chaos in self.chaos for fault in _slow_chaos(chaos.tally)),
            *(f"majority {loss.way}: {fault}" for loss in self.losses for fault in _slow_loss(loss)),
            *(f"isolation {each.way}: {fault}" for each in self.isolations for fault in each.slow()),
        ]


def _of_crash_points(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if not result.kept:
            yield f"{result.case.name}: {result.grants} grants and {result.events} events, settled: {result.settled}"


def _slow_crash_points(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if result.settled and result.settled > MAX_WAIT:
            yield f"{result.case.name}: settled only after {result.settled:.1f} s"


def _of_tally(tally: Tally) -> Iterator[str]:
    for name in ("unanswered", "lost", "doubled", "not_notified"):
        if number := getattr(tally.count, name):
            yield f"{number} {name.replace('_', ' ')}"
    if tally.pending:
        yield f"{tally.pending} pending"
    yield from tally.faults


def _slow_chaos(tally: Tally) -> Iterator[str]:
    waits = tally.waits()
    if waits and median(waits) > MEDIAN_WAIT:
        yield f"settled only after {median(waits):.1f} s in the median"
    if waits and max(waits) > MAX_WAIT:
        yield f"settled only after {max(waits):.1f} s at worst"


def _of_loss(loss: Loss) -> Iterator[str]:
    yield from _of_tally(loss.tally)
    if loss.promises:
        yield f"{loss.promises} promises without a majority"
    if not loss.answers[503]:
        yield "no 503"


def _slow_loss(loss: Loss) -> Iterator[str]:
    if loss.slowest > MAX_ANSWER:
        yield f"an answer took {loss.slowest:.1f} s"


def _of_control(control: Chaos | None) -> Iterator[str]:
    if control and not control.tally.count.broken:
        yield "the plain program kept every promise, so the drill proves nothing"
