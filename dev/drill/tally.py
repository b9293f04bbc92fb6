"""What came of a chaos: everything that the table, the picture and the verdict are made of."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dev.drill.audit import Count, count, given_up, notified_at
from dev.drill.books import faults, settled
from dev.drill.browsers import Press
from dev.drill.delivery import deliver_again
from dev.drill.histories import judged
from dev.drill.outages import Outage
from dev.drill.own_audit import audited
from dev.drill.reading import until_answered
from dev.drill.system import System
from dev.stack.waiting import wait_until

# Seconds after the load: what is not settled then is pending; what a plain program has not done then is lost.
AFTERWARDS, LOST_AFTER = 180.0, 30.0


@dataclass(frozen=True)
class Tally:
    """What came of it. `settled` has by its id when each extension was, in seconds of the epoch."""

    presses: Sequence[Press]
    count: Count
    settled: Mapping[str, float]
    outages: Sequence[Outage]
    faults: Sequence[str]
    sessions: int = 0  # so many were checked by the whole history
    given_up: Collection[str] = ()  # whose notification was, since the permission had ended

    @property
    def pending(self) -> int:
        """How many were not settled in time."""
        over = {*self.settled, *self.given_up}
        return sum(press.extension not in over for press in self.presses)

    def waits(self) -> list[float]:
        """Seconds until settled: from the answer, or from when the last part that was down then ran again."""
        return [at - max([since, *self._returns(since, at)]) for since, at in self._settlings()]

    def waits_from_answer(self) -> list[float]:
        """Seconds until settled from the answer, whatever was down."""
        return [at - since for since, at in self._settlings()]

    def _settlings(self) -> list[tuple[float, float]]:
        return [
            (min(press.accepted_at, at), at)
            for press in self.presses
            if press.accepted_at and (at := self.settled.get(press.extension))
        ]

    def _returns(self, since: float, until: float) -> list[float]:
        """Of what was down. A slow disk is not: it excuses nobody."""
        down = [each for each in self.outages if each.part != "disk"]
        return [each.back for each in down if each.back and since <= each.back <= until]


def of_program(system: System, presses: Sequence[Press], name: str) -> Tally:
    """Wait until the ledger says that all is settled, look closely, and have every job delivered once more.

    The whole history is kept by the name, and checked.
    """
    ids = [press.extension for press in presses]

    def is_settled() -> bool:
        over = settled(system.database, ids) | given_up(system.database, presses)
        return len(over) == len(ids) and not _unsettled_voids(system)

    wait_until(lambda: until_answered(is_settled), AFTERWARDS)
    counted = until_answered(lambda: _counted(system, presses))
    never = until_answered(lambda: given_up(system.database, presses))
    in_time, outages = until_answered(lambda: settled(system.database, ids)), list(system.outages.all)
    found = list(_closer_look(system, presses, counted))
    verdict = judged(system, presses, name)
    at = {each: system.history.done[each] for each in in_time}
    return Tally(presses, counted, at, outages, [*found, *verdict.faults], verdict.sessions, never)


def _counted(system: System, presses: Sequence[Press]) -> Count:
    return count(system.database, presses, system.listener.events, system.history.revisions)


def _unsettled_voids(system: System) -> int:
    return system.database.extension.count_documents({"void_of": {"$type": "objectId"}, "status": {"$ne": "done"}})


def of_plain(system: System, presses: Sequence[Press], _: str) -> Tally:
    """The same for a program without a ledger or a history: what every viewer was notified of is settled."""

    def are_all_notified() -> bool:
        return len(notified_at(system.database, presses, system.listener.events)) == len(presses)

    wait_until(are_all_notified, LOST_AFTER)
    events = list(system.listener.events)
    counted = count(system.database, presses, events)
    return Tally(presses, counted, notified_at(system.database, presses, events), list(system.outages.all), [])


def _closer_look(system: System, presses: Sequence[Press], counted: Count) -> Iterator[str]:
    yield from faults(system.database, presses, system.listener.events)
    if number := _unsettled_voids(system):
        yield f"{number} voids are not settled"
    yield from audited(system)
    if not deliver_again(system, presses):
        yield "jobs that were delivered again are not over"
    after = _counted(system, presses)
    if (after.lost, after.doubled) != (counted.lost, counted.doubled):
        yield f"after a second delivery {after.lost} are lost and {after.doubled} doubled"
