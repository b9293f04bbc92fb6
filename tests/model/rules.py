"""What the promise rests on, each part of it by a name; and the product's own times, in ticks of five seconds."""

from dataclasses import dataclass
from datetime import timedelta

from swag_goals import time_limits as limits

TICK = timedelta(seconds=5)


@dataclass(frozen=True)
class Rules:
    """What the promise rests on, as the product has it. `replace(Rules(), guard=False)` is a product without it."""

    update_runs: int = limits.MONGODB_TIMEOUT // TICK
    clock_difference: int = limits.MAX_CLOCK_DIFFERENCE // TICK
    attempt: int = limits.ATTEMPT // TICK
    min_attempt: int = limits.MIN_ATTEMPT // TICK
    over: int = limits.ATTEMPT_OVER // TICK
    # The update of the session.
    guard: bool = True  # it matches only where the guard has not the extension
    guards_each: bool = True  # of several extensions in one update
    appends: bool = True  # it adds the extension to the guard
    deadline: bool = True  # it matches only before the deadline
    time_out: bool = True  # it does not run for ever
    grant_on_majority: bool = True  # its answer waits for a majority
    linearizable: bool = True  # why it did not match is asked linearizably
    knows_its_own: bool = True  # where the guard has the extension, it counts as applied
    # The record.
    record_on_majority: bool = True
    repeat_on_majority: bool = True  # a repeat is answered only when what it found is on a majority
    deadline_on_majority: bool = True  # an attempt begins with what a majority has
    moves_if_short: bool = True  # a deadline that is too near moves
    moves_while_pending: bool = True  # a deadline moves only while the extension is pending
    never_back: bool = True  # a deadline never moves back
    settles_given: bool = True  # only what is given becomes applied
    done_stays: bool = True
    done_if_notified: bool = True
    due_until_notified: bool = True
    says_gave_up: bool = True
    release_waits: bool = True
    released_when_settled: bool = True  # it is settled that says when the guard may forget
    release_from_majority: bool = True
    # A rejection.
    rejects_pending: bool = True  # only a pending extension becomes rejected
    is_looked_at: bool = True  # a rejected one is due once more
    look_waits: bool = True  # until no attempt can be under way
    look_asks: bool = True  # the guard, before it is closed
    closes_rejected: bool = True  # only a rejected one is closed
    closes_by_deadline: bool = True  # and only where its deadline has not moved since
    # The sweeper and the operator.
    claims_due: bool = True  # what is not due any more when it is claimed, is left alone
    reopens_rejected: bool = True  # an applied one stays applied
    reopens_unfinished: bool = True  # a done one stays done
    # A void.
    void_of_applied: bool = True  # only of what is given
    void_is_said_first: bool = True  # in the voided record, before the void is settled
