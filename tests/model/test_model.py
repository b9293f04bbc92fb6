"""Decision 2, searched through all that can happen: no promise is broken, and nothing is left undone."""

import pytest

from tests.model.conditions import (
    HARDER,
    HARDEST,
    MODELLED,
    OF_TIMES,
    ONE_ATTEMPT,
    PAIR,
    SETTLES,
    TWO_ATTEMPTS,
    VOID,
    Condition,
    broken,
)
from tests.model.invariants import INVARIANTS, PAIR_INVARIANTS
from tests.model.rules import Rules
from tests.model.search import Bounds, Search, Violation

# Steps in an order in which they are to be seen, each with others in between: or what forbids them forbade nothing.
CASES = {
    "an update that lands late": ("its update begins", "5 s pass", "5 s pass", "the seconds are added"),
    "an attempt that outlasts its deadline": ("an attempt begins", *["5 s pass"] * 5, "the session is not fit for it"),
    "two attempts, the second of which finds the first one's": (
        "the seconds are added",
        "it finds itself in the guard",
    ),
    "a new deadline after a rejection was read": ("the last look finds nothing", "it begins with a new deadline"),
    "a rejection that an update proved wrong": ("it is rejected", "the seconds are added", "settled as applied"),
    "a last look that finds it given": ("the last look begins", "it finds itself in the guard", "settled as applied"),
    "a close": ("it is rejected", "the last look begins", "the rejection is closed"),
    "a close after a re-drive": ("an operator reopens it", "it is rejected", "the rejection is closed"),
    "a re-drive of what was closed": ("the rejection is closed", "an operator reopens it", "the seconds are added"),
    "a release that is noted": ("settled as applied", "the guard forgets, and it is noted"),
    "a release that is not": ("the guard forgets, and the sweeper dies", "the guard forgets, and it is noted"),
    "notified long after it was given": ("settled as applied", *["5 s pass"] * 4, "notified and settled as done"),
    "given up": ("settled as applied", "an attempt to notify begins", "settled as given up"),
    "a failover in an update": (
        "its update begins",
        "the session fails over",
        "an attempt begins",
        "the seconds are added",
    ),
    "clocks that come to be apart": (
        "an attempt begins",
        "the ledger fails over to a clock that is apart",
        "its update begins",
    ),
    "an update that came back as an error and stood": (
        "the seconds are added without a majority",
        "the session reaches a majority",
        "it finds itself in the guard",
    ),
    "an update that was rolled back": (
        "the seconds are added without a majority",
        "the session fails over",
        "the seconds are added",
    ),
    "a record that was rolled back": (
        "recorded without a majority",
        "the ledger fails over",
        "recorded and acknowledged",
    ),
    "a record that stood, though nobody was told": ("recorded without a majority", "a repeat is acknowledged"),
    "a deadline that was rolled back": (
        "a new deadline without a majority",
        "the ledger fails over",
        "it begins with a new deadline",
    ),
    "a settlement that was rolled back": (
        "settled as applied, without a majority",
        "the ledger fails over",
        "it finds itself in the guard",
    ),
    "a session that is mended": ("another program breaks the session", "another program mends the session"),
    "a session that is made again": (
        "the seconds are added",
        "another program removes the session",
        "another program makes the session again",
        "the seconds are added",
    ),
}


@pytest.mark.parametrize("bounds", [HARDER, PAIR, VOID], ids=["one extension", "two extensions", "and its void"])
def test_no_promise_is_broken_in_any_state(bounds: Bounds) -> None:
    Search(Rules(), bounds).run()


def test_everything_can_be_settled_from_every_state() -> None:
    assert not Search(Rules(), TWO_ATTEMPTS).run().unsettled()


@pytest.mark.parametrize("order", CASES.values(), ids=CASES)
def test_this_can_happen(order: tuple[str, ...]) -> None:
    assert Search(Rules(), ONE_ATTEMPT).happens(*order)


def test_two_extensions_can_be_given_at_once_and_one_of_them_voided() -> None:
    assert Search(Rules(), PAIR).happens("the seconds of two are added at once", "it finds itself in the guard")
    assert Search(Rules(), VOID).happens("settled as applied", "the voided record says so", "settled as applied")


@pytest.mark.parametrize(
    "condition", [each for each in MODELLED if each.bounds not in (HARDER, HARDEST)], ids=lambda each: each.name
)
def test_no_condition_can_be_left_out(condition: Condition) -> None:
    """Those that need a longer search are left out by `make mutants`."""
    assert broken(condition.rules, condition.invariant, condition.bounds)


def test_every_invariant_can_fail() -> None:
    without_one = {each.invariant for each in MODELLED} | {"NotForgottenEarly"}
    assert without_one == {*INVARIANTS, *PAIR_INVARIANTS, SETTLES} - {"VoidedIsTaken"}
    with pytest.raises(Violation, match="NotForgottenEarly"):
        Search(OF_TIMES[0].rules, ONE_ATTEMPT, ["NotForgottenEarly"]).run()
