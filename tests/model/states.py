"""What a state of the model consists of."""

from typing import NamedTuple

NONE, PENDING, APPLIED, DONE, REJECTED = "none", "pending", "applied", "done", "rejected"


class Record(NamedTuple):
    """What the ledger has of an extension. `due`: something is to be done; `release_at`: the guard may forget then."""

    status: str = NONE
    deadline: int = 0
    due: bool = False
    release_at: int | None = None
    gave_up: bool = False
    voided: bool = False


class Entry(NamedTuple):
    """What the session has of an extension: how often its seconds were added, and whether the guard has it."""

    given: int = 0
    guarded: bool = False


class Attempt(NamedTuple):
    """One at work. `deadline` is the one it read, until it can make no difference; `left`: its update may run so long.

    short -> begun -> sent -> gave;  begun -> refused;  looking -> clear, or gave.
    """

    step: str
    deadline: int = 0
    left: int = 0


class Extension(NamedTuple):
    """An extension, with everything that concerns it alone.

    `record` and `entry` are as the primary has them, `sure` and `sure_entry` as a majority has.
    """

    record: Record = Record()
    sure: Record = Record()
    entry: Entry = Entry()
    sure_entry: Entry = Entry()
    attempts: tuple[Attempt, ...] = ()
    acknowledged: bool = False
    ever_given: bool = False  # on a majority, also where the session is gone since
    notified: bool = False  # Pusher has accepted every event
    was_done: bool = False


class World(NamedTuple):
    """What all extensions share. `trouble`: how much may still go wrong."""

    ledger_behind: bool
    session_behind: bool
    session: str  # fit, unfit, gone
    trouble: int


FIT, UNFIT, GONE = "fit", "unfit", "gone"
