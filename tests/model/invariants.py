"""What must hold in every state, and what is left when all is done."""

from collections.abc import Callable

from tests.model.rules import Rules
from tests.model.states import APPLIED, DONE, NONE, PENDING, REJECTED, Extension


def _given_once(e: Extension, _: Rules) -> bool:
    return e.entry.given <= 1


def _never_lost(e: Extension, _: Rules) -> bool:
    if e.acknowledged and e.record.status == NONE:
        return False
    return e.sure.status not in (APPLIED, DONE) or e.ever_given or e.entry.given > 0


def _rejected_is_not_given(e: Extension, _: Rules) -> bool:
    return e.sure.status != REJECTED or e.sure.due or not e.entry.given


def _not_forgotten_early(e: Extension, rules: Rules) -> bool:
    if not e.entry.given or e.entry.guarded:
        return True
    return e.sure.status in (APPLIED, DONE) and not any(
        each.step == "sent" or (each.step == "begun" and each.deadline >= -rules.clock_difference)
        for each in e.attempts
    )


def _notified_or_said_so(e: Extension, _: Rules) -> bool:
    if e.sure.status == DONE:
        return e.notified
    return e.sure.status != APPLIED or e.sure.due or e.sure.gave_up


def _done_stays_done(e: Extension, _: Rules) -> bool:
    return not e.was_done or e.sure.status == DONE


INVARIANTS: dict[str, Callable[[Extension, Rules], bool]] = {
    "GivenOnce": _given_once,
    "NeverLost": _never_lost,
    "RejectedIsNotGiven": _rejected_is_not_given,
    "NotForgottenEarly": _not_forgotten_early,
    "NotifiedOrSaidSo": _notified_or_said_so,
    "DoneStaysDone": _done_stays_done,
}


def _void_is_said(e: Extension, void: Extension) -> bool:
    return e.sure.voided or void.sure.status not in (APPLIED, DONE)


def _voided_is_taken(e: Extension, void: Extension) -> bool:
    return not e.sure.voided or void.ever_given or void.entry.given > 0


def _taken_was_given(e: Extension, void: Extension) -> bool:
    return not void.ever_given or e.ever_given


PAIR_INVARIANTS: dict[str, Callable[[Extension, Extension], bool]] = {
    "VoidIsSaid": _void_is_said,
    "VoidedIsTaken": _voided_is_taken,
    "TakenWasGiven": _taken_was_given,
}


def is_settled(e: Extension) -> bool:
    """Nothing is left to be done."""
    return (
        e.record == e.sure
        and e.record.status not in (NONE, PENDING)
        and not e.record.due
        and e.record.release_at is None
    )
