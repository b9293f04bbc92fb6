"""The conditions that the promise rests on: removed in the model, an invariant fails; removed in the code, a test does.

`make mutants` removes each and prints the table. A row's `old` stands once in its file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.model.rules import Rules
from tests.model.search import Bounds, Search, Violation

UPDATE = "documents/permission_update.py"
SESSION = "documents/session.py"
LEDGER = "documents/ledger.py"
SETTLEMENT = "documents/settlement.py"
EXTENSION = "documents/extension.py"
ATTEMPT = "services/attempt.py"
CONNECTIONS = "connections.py"
TIMES = "time_limits.py"
TOKENS = "auth/tokens.py"

ONE_ATTEMPT = Bounds(attempts=1, trouble=2)
TWO_ATTEMPTS = Bounds(attempts=2, trouble=1)
HARDER = Bounds(attempts=2, trouble=2)
HARDEST = Bounds(attempts=3, trouble=2)
PAIR = Bounds(kind="two")
VOID = Bounds(kind="void")
SETTLES = "everything can be settled"


@dataclass(frozen=True)
class Condition:
    """`name` holds because of `old` in `path`; with `new` in its place `test` fails.

    In the model it is `rule`, without which `invariant` fails within `bounds`; rows without a rule are not modelled.
    Those of failovers, of hosts with clocks of their own and of time-outs are not `walked`: the walk has one member
    of MongoDB's, one host, and steps that nothing breaks off.
    """

    name: str
    path: str
    old: str
    new: str
    test: str
    rule: Mapping[str, Any] | None = None
    invariant: str = ""
    bounds: Bounds = ONE_ATTEMPT
    walked: bool = True

    @property
    def rules(self) -> Rules:
        """The model's, without the condition."""
        return replace(Rules(), **(self.rule or {}))


def without(rule: str) -> Mapping[str, Any]:
    return {rule: False}


def broken(rules: Rules, invariant: str, bounds: Bounds) -> Sequence[str]:
    """A shortest trace to where the invariant fails, or to where nothing can be settled any more; empty if to none."""
    search = Search(rules, bounds, [invariant])
    try:
        search.run()
    except Violation as violation:
        return violation.trace
    stuck = search.unsettled() if invariant == SETTLES else []
    return search.trace(stuck[0]) if stuck else []


OF_THE_UPDATE = (
    Condition(
        "the update matches only where the guard has not the extension",
        UPDATE,
        '"swag_goals.applied": {"$nin": [extension.id for extension in extensions]},',
        "",
        "tests/documents/test_applied_once.py",
        without("guard"),
        "GivenOnce",
    ),
    Condition(
        "of several extensions in one update, the guard is asked for each",
        UPDATE,
        "[extension.id for extension in extensions]",
        "[extension.id for extension in extensions[:1]]",
        "tests/documents/test_grants_in_turn.py",
        without("guards_each"),
        "GivenOnce",
        PAIR,
    ),
    Condition(
        "the update adds the extension to the guard",
        UPDATE,
        '_append("$swag_goals.applied", extension.id)',
        'list_at("$swag_goals.applied")',
        "tests/documents/test_applied_once.py",
        without("appends"),
        "GivenOnce",
    ),
    Condition(
        "the update matches only before the deadline",
        UPDATE,
        'return {"$lt": ["$$NOW", extension.deadline]}',
        "return True",
        "tests/documents/test_late_attempt.py",
        without("deadline"),
        "GivenOnce",
    ),
    Condition(
        "the deadline of each of several extensions counts",
        UPDATE,
        "*map(before_deadline, extensions)",
        "*map(before_deadline, extensions[:1])",
        "tests/documents/test_grants_in_turn.py",
    ),
    Condition(
        "the deadline passes by MongoDB's clock, and not by a host's",
        UPDATE,
        'return {"$lt": ["$$NOW", extension.deadline]}',
        'return {"$lt": [__import__("datetime").datetime.now(__import__("datetime").UTC), extension.deadline]}',
        "tests/documents/test_statements.py",
        without("deadline"),
        "GivenOnce",
        walked=False,
    ),
    Condition(
        "an update runs no longer than its time-out",
        CONNECTIONS,
        "timeoutMS=milliseconds(MONGODB_TIMEOUT),\n",
        "\n",
        "tests/unit/test_options_of_addresses.py",
        without("time_out"),
        "GivenOnce",
        walked=False,
    ),
    Condition(
        "every write waits for a majority",
        CONNECTIONS,
        'w="majority",',
        "w=1,",
        "tests/unit/test_options_of_addresses.py",
        without("grant_on_majority"),
        "NeverLost",
    ),
    Condition(
        "every read is from a majority",
        CONNECTIONS,
        'readConcernLevel="majority",',
        'readConcernLevel="local",',
        "tests/unit/test_options_of_addresses.py",
        without("deadline_on_majority"),
        "GivenOnce",
        HARDER,
        walked=False,
    ),
    Condition(
        "every read is from the primary",
        CONNECTIONS,
        "read_preference=ReadPreference.PRIMARY,",
        "read_preference=ReadPreference.NEAREST,",
        "tests/unit/test_options_of_addresses.py",
    ),
    Condition(
        "why the update did not match is asked linearizably",
        SESSION,
        'read: str = "linearizable"',
        'read: str = "local"',
        "tests/documents/test_statements.py",
        without("linearizable"),
        "NeverLost",
        walked=False,
    ),
    Condition(
        "what the guard has counts as applied",
        SESSION,
        'if answers["applied"]:',
        "if False:",
        "tests/documents/test_applied_once.py",
        without("knows_its_own"),
        "RejectedIsNotGiven",
    ),
    Condition(
        "what did not match for its deadline alone does not count as applied",
        SESSION,
        "        return DeadlineExceeded()\n",
        "        return AlreadyApplied(None)\n",
        "tests/documents/test_late_attempt.py",
        without("settles_given"),
        "NeverLost",
    ),
)
OF_THE_RECORD = (
    Condition(
        "a record is acknowledged only on a majority",
        EXTENSION,
        'found = cls._get_collection().find_one_and_update(\n            {"_id": its_id}, write',
        "found = cls._get_collection().with_options(write_concern=__import__('pymongo').WriteConcern(1))"
        '.find_one_and_update(\n            {"_id": its_id}, write',
        "tests/documents/test_statements.py::test_it_waits_for_a_majority",
        without("record_on_majority"),
        "NeverLost",
        walked=False,
    ),
    Condition(
        "a repeat is answered only when a majority has the record",
        EXTENSION,
        "row = cls._get_collection().find_one_and_update(\n"
        '            {"_id": extension_id}, once_more, return_document=ReturnDocument.AFTER\n'
        "        )",
        'row = cls._get_collection().find_one({"_id": extension_id})',
        "tests/documents/test_recording.py",
        without("repeat_on_majority"),
        "NeverLost",
        walked=False,
    ),
    Condition(
        "a deadline that is too near moves",
        LEDGER,
        "return bool(extension.status == PENDING and extension.deadline - extension.read_at < MIN_ATTEMPT)",
        "return False",
        "tests/documents/test_attempts.py",
        without("moves_if_short"),
        SETTLES,
    ),
    Condition(
        "a deadline moves only while the extension is pending",
        LEDGER,
        '{"_id": {"$in": short}, "status": PENDING}',
        '{"_id": {"$in": short}}',
        "tests/documents/test_attempts.py",
        without("moves_while_pending"),
        "GivenOnce",
        walked=False,
    ),
    Condition(
        "a deadline never moves back",
        LEDGER,
        'return {"$max": ["$deadline", now_and(ATTEMPT)]}',
        "return now_and(ATTEMPT)",
        "tests/documents/test_attempts.py",
        without("never_back"),
        "GivenOnce",
        HARDER,
        walked=False,
    ),
    Condition(
        "what is done stays done",
        SETTLEMENT,
        '{"$cond": [_IS_DONE, DONE, APPLIED]}',
        "APPLIED",
        "tests/documents/test_settlement.py",
        without("done_stays"),
        "DoneStaysDone",
    ),
    Condition(
        "it is done only when Pusher has every event",
        ATTEMPT,
        "notified=sent and self.all_can_be_notified",
        "notified=self.all_can_be_notified",
        "tests/jobs/test_notification.py",
        without("done_if_notified"),
        "NotifiedOrSaidSo",
    ),
    Condition(
        "it stays due until its viewers are notified",
        SETTLEMENT,
        '"due": REMOVED if over else {"$cond": [_IS_DONE, REMOVED, retry_wait()]}',
        '"due": REMOVED',
        "tests/documents/test_settlement.py",
        without("due_until_notified"),
        "NotifiedOrSaidSo",
    ),
    Condition(
        "the record says that notifying was given up",
        SETTLEMENT,
        '_reason("pusher_refused") if outcome.gave_up else None',
        "None",
        "tests/documents/test_settlement.py",
        without("says_gave_up"),
        "NotifiedOrSaidSo",
    ),
    Condition(
        "the guard forgets only when all attempts are over",
        SETTLEMENT,
        'ALL_ARE_OVER = {"$add": ["$deadline", milliseconds(ATTEMPT_OVER)]}',
        'ALL_ARE_OVER = "$$NOW"',
        "tests/documents/test_settlement.py",
        without("release_waits"),
        "GivenOnce",
    ),
    Condition(
        "the guard forgets only what is to be forgotten by now",
        LEDGER,
        'due = {"release_at": {"$lte": server_time()}}',
        'due = {"release_at": {"$ne": None}}',
        "tests/documents/test_release.py",
        without("release_waits"),
        "GivenOnce",
    ),
    Condition(
        "the guard forgets only what is settled",
        SETTLEMENT,
        '"reason": _reason(outcome.refused or ""), "due": ALL_ARE_OVER}',
        '"reason": _reason(outcome.refused or ""), "due": ALL_ARE_OVER, "release_at": ALL_ARE_OVER}',
        "tests/documents/test_settlement.py",
        without("released_when_settled"),
        "GivenOnce",
    ),
    Condition(
        "the guard forgets only what a majority says is settled",
        LEDGER,
        "past = list(Extension._get_collection().find(due",
        "past = list(Extension._get_collection().with_options(read_concern=__import__('pymongo')"
        ".read_concern.ReadConcern('local')).find(due",
        "tests/documents/test_statements.py",
        without("release_from_majority"),
        "GivenOnce",
        walked=False,
    ),
)
OF_A_REJECTION = (
    Condition(
        "only a pending extension becomes rejected",
        SETTLEMENT,
        '"status": PENDING, "deadline": outcome.extension.deadline}',
        '"deadline": outcome.extension.deadline}',
        "tests/documents/test_settlement.py",
        without("rejects_pending"),
        "DoneStaysDone",
    ),
    Condition(
        "an attempt rejects only where its deadline is the last",
        SETTLEMENT,
        '"status": PENDING, "deadline": outcome.extension.deadline}',
        '"status": PENDING}',
        "tests/documents/test_settlement.py",
    ),
    Condition(
        "a rejected extension is looked at once more",
        SETTLEMENT,
        '"reason": _reason(outcome.refused or ""), "due": ALL_ARE_OVER}',
        '"reason": _reason(outcome.refused or ""), "due": REMOVED}',
        "tests/documents/test_settlement.py",
        without("is_looked_at"),
        "RejectedIsNotGiven",
    ),
    Condition(
        "the last look waits until all attempts are over",
        ATTEMPT,
        "extension.due is None or extension.read_at < extension.deadline + ATTEMPT_OVER",
        "extension.due is None",
        "tests/jobs/test_rejected.py",
        without("look_waits"),
        "RejectedIsNotGiven",
        TWO_ATTEMPTS,
    ),
    Condition(
        "the last look asks the guard",
        ATTEMPT,
        "if isinstance(verdict, AlreadyApplied):",
        "if False:",
        "tests/jobs/test_rejected.py",
        without("look_asks"),
        "RejectedIsNotGiven",
    ),
    Condition(
        "only a rejected extension is closed",
        LEDGER,
        '"status": REJECTED, "deadline": extension.deadline}, {"due": REMOVED}',
        '"deadline": extension.deadline}, {"due": REMOVED}',
        "tests/documents/test_attempts.py",
        without("closes_rejected"),
        "RejectedIsNotGiven",
        TWO_ATTEMPTS,
    ),
    Condition(
        "a rejection is closed only where the deadline has not moved",
        LEDGER,
        '"status": REJECTED, "deadline": extension.deadline}, {"due": REMOVED}',
        '"status": REJECTED}, {"due": REMOVED}',
        "tests/documents/test_attempts.py",
        without("closes_by_deadline"),
        "RejectedIsNotGiven",
        HARDEST,
    ),
)
OF_SWEEPER_AND_OPERATOR = (
    Condition(
        "a claim takes only what is still due",
        LEDGER,
        '_update({"_id": {"$in": ids}, "due": {"$lte": now}}, claim)',
        '_update({"_id": {"$in": ids}}, claim)',
        "tests/documents/test_attempts.py",
        without("claims_due"),
        SETTLES,
    ),
    Condition(
        "an applied extension that is re-driven stays applied",
        LEDGER,
        '{"$cond": [{"$eq": ["$status", REJECTED]}, PENDING, "$status"]}',
        "PENDING",
        "tests/jobs/test_rejected.py",
        without("reopens_rejected"),
        "GivenOnce",
    ),
    Condition(
        "a done extension is not re-driven",
        LEDGER,
        '{"_id": extension_id, "status": {"$ne": DONE}}, [{"$set": fields}]',
        '{"_id": extension_id}, [{"$set": fields}]',
        "tests/jobs/test_rejected.py",
        without("reopens_unfinished"),
        SETTLES,
    ),
    Condition(
        "a re-drive of what is not applied has a deadline of its own",
        LEDGER,
        '{"$cond": [{"$eq": ["$status", APPLIED]}, "$deadline", _later_deadline()]}',
        '"$deadline"',
        "tests/documents/test_attempts.py",
    ),
)
OF_TIMES = (
    Condition(
        "five seconds of slack lie behind what an attempt may take",
        TIMES,
        "ATTEMPT_MARGIN = timedelta(seconds=5)",
        "ATTEMPT_MARGIN = timedelta(seconds=0)",
        "tests/unit/test_time_limits.py",
        {"over": Rules().over - 1},
        "GivenOnce",
        walked=False,
    ),
    Condition(
        "the clocks of two members may be 10 s apart",
        TIMES,
        "ATTEMPT_OVER = MONGODB_TIMEOUT + MAX_CLOCK_DIFFERENCE + ATTEMPT_MARGIN",
        "ATTEMPT_OVER = MONGODB_TIMEOUT + MAX_CLOCK_DIFFERENCE / 2 + ATTEMPT_MARGIN",
        "tests/unit/test_time_limits.py",
        {"clock_difference": Rules().clock_difference + 1},
        "GivenOnce",
        walked=False,
    ),
    Condition(
        "an operation of MongoDB's ends within 10 s",
        TIMES,
        "MONGODB_TIMEOUT = timedelta(seconds=10)",
        "MONGODB_TIMEOUT = timedelta(seconds=15)",
        "tests/unit/test_time_limits.py",
        {"update_runs": Rules().update_runs + 1},
        "GivenOnce",
        walked=False,
    ),
)
OF_A_VOID = (
    Condition(
        "a void is recorded only of what is given",
        "services/void_extension.py",
        "if extension.status == PENDING:",
        "if False:",
        "tests/commands/test_extension.py",
        without("void_of_applied"),
        "TakenWasGiven",
        VOID,
        walked=False,
    ),
    Condition(
        "the voided record says so before the void is settled",
        SETTLEMENT,
        "    if new:\n        ledger.bulk_write(new, ordered=False)\n"
        "    if outcomes:\n        ledger.bulk_write([settlement(outcome) for outcome in outcomes], ordered=False)\n",
        "    if outcomes:\n        ledger.bulk_write([settlement(outcome) for outcome in outcomes], ordered=False)\n"
        "    if new:\n        ledger.bulk_write(new, ordered=False)\n",
        "tests/documents/test_settlement.py::test_a_voided_extension_says_so_before_its_void_is_settled",
        without("void_is_said_first"),
        "VoidIsSaid",
        VOID,
        walked=False,
    ),
)
MODELLED = tuple(
    each
    for each in (*OF_THE_UPDATE, *OF_THE_RECORD, *OF_A_REJECTION, *OF_SWEEPER_AND_OPERATOR, *OF_TIMES, *OF_A_VOID)
    if each.rule
)
