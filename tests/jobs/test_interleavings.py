"""Any order of attempts, deaths, sweeps, repairs and waits gives each extension once, or not at all; so is each voided.

What workers, sweepers, operators, other programs and time do side by side is done here one step after another, on
the real MongoDB, in orders that Hypothesis thinks of and makes short where one of them breaks a promise. Clocks are
two: the session's may be behind the ledger's, as far as is allowed. tests/model searches all orders of a model.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pymongo.database import Database

from swag_goals import time_limits
from swag_goals.documents import ledger, settlement
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Session
from swag_goals.documents.settlement import Outcome
from swag_goals.documents.void import record_void
from swag_goals.services.attempt import Attempt, attempt, attempt_in_turn
from tests import factories
from tests.factories import OneToOne, recorded, seconds_from_now

EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
STEPS = 40
TIMES = ("requested_at", "nbf", "deadline", "due", "release_at")
OLDER = ("none", "comes through", "comes through after a look", "comes through, and the session is gone")
LATEST = 4  # of what may go on, these are chosen from

FOLLOWS = {
    "pending": {"pending", "applied", "done", "rejected"},
    "rejected": {"rejected", "pending", "applied", "done"},
    "applied": {"applied", "done"},
    "done": {"done"},
}

which = st.integers(0, 2)
chosen = st.integers(0, LATEST - 1)


@dataclass
class HeldWrite:
    """A write of the ledger that is on its way, since so many seconds of the machine's."""

    query: dict[str, Any]
    fields: dict[str, Any]
    sent: float


class Interleaving(RuleBasedStateMachine):
    """Two extensions of one session, the void of a third, and everybody who may work on them.

    No rule has a precondition: what is due when, and so what there is to go on with, MongoDB's clock and its chance
    decide, and Hypothesis must be able to go the same way again.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        super().__init__()
        self.database = database

    @initialize()
    def begins(self) -> None:
        self.one = OneToOne()
        (self.viewer,) = self.one.viewers
        self.session_id = {"_id": ObjectId(self.one.session_id)}
        self.granted: list[ObjectId] = []  # in this session
        self.make_session()
        self.given = recorded(self.one)
        settlement.settle([Outcome(self.given, Session.grant(self.given), notified=True)])
        self.granted = [self.given.id]
        self.void = record_void(self.given, by="ops", why="a test").id
        self.extensions = [*(recorded(self.one).id for _ in range(2)), self.void]
        self.now = 0.0
        self.started: list[tuple[Extension, float]] = []  # attempts that have read the ledger, and when
        self.outcomes: list[Attempt] = []  # attempts that have reached the session
        self.held: list[HeldWrite] = []
        self.ever: set[ObjectId] = set()
        self.accepted: set[ObjectId] = set()  # whose events Pusher has
        self.statuses: dict[ObjectId, str] = {}

    def make_session(self) -> None:
        viewers = {self.viewer: factories.permission(ends_in=10_000)}
        self.database["session"].replace_one(self.session_id, {"viewers": viewers}, upsert=True)
        self.granted = []

    # Workers.

    @rule(which=which)
    def a_worker_begins(self, which: int) -> None:
        self.started += [(each, self.now) for each in ledger.start_attempts([self.extensions[which]])]

    @rule(chosen=chosen, late=st.sampled_from([0, 5, 10]), behind=st.sampled_from([0, 10]))
    def it_reaches_the_session(self, chosen: int, late: int, behind: int) -> None:
        """Once, more than once or never; late, when its update began long ago; by a clock that is behind."""
        if not self.started:
            return
        started, at = latest(self.started, chosen)
        late = late if late <= self.now - at else 0
        self.outcomes += self.reaches(started, late + behind)

    @rule(which=which, older=st.sampled_from(OLDER))
    def a_worker_meets_a_session_that_is_broken_for_a_moment(self, which: int, older: str) -> None:
        """An older attempt may come through afterwards, also when the rejection was looked at once more.

        And the session, with what it knows of that, may be gone before the attempt can write the ledger.
        """
        begun_before = ledger.start_attempts([self.extensions[which]]) if older != "none" else []
        started = ledger.start_attempts([self.extensions[which]])
        self.write_nbf("soon")
        for each in started:
            made = self.reaches(each, 0)
            self.settle(made, accepted=False)
            self.outcomes += made
        self.write_nbf(seconds_from_now(0))
        looks = ledger.start_attempts([self.extensions[which]]) if "look" in older else []
        for each in (*looks, *begun_before):
            self.outcomes += self.reaches(each, 0)
        if "gone" in older:
            self.another_program("removes")

    def reaches(self, extension: Extension, allowance: float) -> list[Attempt]:
        """What came of it; to an update that began in time, or by a slow clock, the deadline is further away."""
        before = self.seconds()
        deadline = extension.deadline
        extension.deadline = deadline + timedelta(seconds=allowance) if extension.status == "pending" else deadline
        made = attempt(extension)
        extension.deadline = deadline
        if self.seconds() != before:
            self.gave(extension.id)
        return [made] if made else []

    def settle(self, made: list[Attempt], accepted: bool) -> None:
        """When Pusher has accepted all of the events, or none."""
        settlement.settle([each.outcome(each.events if accepted else []) for each in made])
        if accepted:
            self.accepted |= {each.extension.id for each in made}

    @rule(which=which, accepted=st.booleans())
    def a_worker_comes_back_when_the_session_keeps_the_change_no_more(self, which: int, accepted: bool) -> None:
        """Many others were given since. What the first update was told is not in the ledger yet."""
        for started in ledger.start_attempts([self.extensions[which]]):
            self.outcomes += self.reaches(started, 0)
            self.database["session"].update_one(self.session_id, {"$pull": {"swag_goals.changes": {}}})
            self.settle(self.reaches(started, 0), accepted)

    @rule(which=which, accepted=st.booleans())
    def a_worker_does_all_of_it(self, which: int, accepted: bool) -> None:
        for started in ledger.start_attempts([self.extensions[which]]):
            self.settle(self.reaches(started, 0), accepted)

    @rule(which=which, accepted=st.booleans(), sweeper=st.sampled_from(["releases", "comes much later"]))
    def a_worker_is_frozen_while_another_does_all_of_it(self, which: int, accepted: bool, sweeper: str) -> None:
        """And until the guard may have forgotten."""
        self.a_worker_begins(which)
        self.a_worker_does_all_of_it(which, accepted)
        self.a_sweeper(sweeper)
        self.it_reaches_the_session(chosen=0, late=0, behind=0)

    @rule(dies=st.booleans(), which=which)
    def a_worker_does_them_at_once(self, dies: bool, which: int) -> None:
        """Behind another one perhaps, that gives one of them and dies."""
        for started in ledger.start_attempts([self.extensions[which]] if dies else []):
            self.reaches(started, 0)
        together = [each for each in ledger.start_attempts(self.extensions) if each.status == "pending"]
        if len(together) > 1 and (made := attempt_in_turn(together)):
            for each in together:
                self.gave(each.id)
            self.outcomes += made

    @rule(chosen=chosen, accepted=st.booleans())
    def it_writes_the_ledger(self, chosen: int, accepted: bool) -> None:
        """At once or late, once, more than once or never; Pusher has accepted the events by then, or not."""
        if self.outcomes:
            self.settle([latest(self.outcomes, chosen)], accepted)

    # Time, sweepers, operators and others.

    @rule(seconds=st.sampled_from([4, 10, 40]))
    def time_passes(self, seconds: int) -> None:
        """All times are so much longer ago, in the ledger and in the memory of attempts that are under way."""
        ago = {name: {"$subtract": [f"${name}", seconds * 1000]} for name in TIMES}
        moved = {name: {"$cond": [{"$eq": [{"$type": f"${name}"}, "date"]}, ago[name], "$$REMOVE"]} for name in TIMES}
        its = {"_id": {"$in": [*self.extensions, self.given.id]}}
        self.database["extension"].update_many(its, [{"$set": moved}])
        self.now += seconds
        by = timedelta(seconds=-seconds)
        for started, _ in self.started:
            older(started, by).read_at += by
        for made in self.outcomes:
            if all(made.extension is not each for each, _ in self.started):
                older(made.extension, by)

    @rule(what=st.sampled_from(["releases", "comes much later", "claims"]))
    def a_sweeper(self, what: str) -> None:
        if what == "claims":
            ledger.claim_due(100)
            return
        if what == "comes much later":
            self.time_passes(40)
        ledger.release(100_000)

    @rule(which=which, accepted=st.booleans(), arrives=st.booleans())
    def a_sweeper_claims_slowly(self, which: int, accepted: bool, arrives: bool) -> None:
        """A worker is faster."""
        self.time_passes(4)
        with self.slowly():
            ledger.claim_due(100)
        self.a_worker_does_all_of_it(which, accepted)
        if arrives:
            self.a_slow_write_arrives(0)

    @rule(which=which, older=st.sampled_from(OLDER), reopened=st.booleans(), arrives=st.booleans())
    def last_looks_close_slowly(self, which: int, older: str, reopened: bool, arrives: bool) -> None:
        """Long after a rejection; what attempts found out is written before the looks' own verdicts.

        Or an operator has it attempted again, on a session that is broken again for a moment.
        """
        self.a_worker_meets_a_session_that_is_broken_for_a_moment(which, older)
        self.time_passes(40)
        with self.slowly():
            for started in ledger.start_attempts(self.extensions):
                if started.status == "rejected":
                    attempt(started)
        if reopened:
            self.an_operator_reopens(which)
            self.a_worker_meets_a_session_that_is_broken_for_a_moment(which, "comes through")
        else:
            for chosen in range(LATEST):
                self.it_writes_the_ledger(chosen, accepted=False)
        if arrives:
            self.a_slow_write_arrives(0)

    @contextmanager
    def slowly(self) -> Iterator[None]:
        """What is written into the ledger meanwhile, arrives later."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ledger, "_update", self.hold)
            yield

    def hold(self, query: dict[str, Any], fields: dict[str, Any]) -> None:
        self.held.append(HeldWrite(query, fields, self.now))

    @rule(chosen=chosen)
    def a_slow_write_arrives(self, chosen: int) -> None:
        if not self.held:
            return
        write = latest(self.held, chosen)
        self.held.remove(write)
        ledger._update(ago(write.query, timedelta(seconds=self.now - write.sent)), write.fields)

    @rule(which=which)
    def an_operator_reopens(self, which: int) -> None:
        ledger.reopen(self.extensions[which], by="ops", why="a test")

    @rule(what=st.sampled_from(["breaks", "mends", "mends", "removes"]))
    def another_program(self, what: str) -> None:
        """Does so with the session; one that is gone it makes again."""
        if not self.session():
            self.make_session()
        elif what == "removes":
            self.database["session"].delete_one(self.session_id)
            self.granted = []
        else:
            self.write_nbf("soon" if what == "breaks" else seconds_from_now(0))

    def write_nbf(self, nbf: Any) -> None:
        query = {**self.session_id, f"viewers.{self.viewer}": {"$exists": True}}
        self.database["session"].update_one(query, {"$set": {f"viewers.{self.viewer}.nbf": nbf}})

    # What must hold.

    def session(self) -> dict[str, Any]:
        return self.database["session"].find_one(self.session_id) or {}

    def seconds(self) -> int:
        return seconds_in(self.session(), self.viewer)

    def gave(self, extension_id: ObjectId) -> None:
        self.granted.append(extension_id)
        self.ever.add(extension_id)

    def rows(self) -> list[dict[str, Any]]:
        return list(self.database["extension"].find({"_id": {"$in": self.extensions}}))

    def voided(self) -> dict[str, Any]:
        return self.database["extension"].find_one({"_id": self.given.id}) or {}

    @invariant()
    def every_promise_is_kept(self) -> None:
        """Nothing is given twice; the ledger says what is so; the guard has what may be attempted again."""
        rows, session = self.rows(), self.session()
        guarded = session.get("swag_goals", {}).get("applied", [])
        assert len(self.granted) == len(set(self.granted))
        assert seconds_in(session, self.viewer) == 300 + sum(-60 if e == self.void else 60 for e in self.granted)
        assert len(guarded) == len(set(guarded))
        assert {r["_id"] for r in rows if r["status"] in ("pending", "rejected")} & set(self.granted) <= set(guarded)
        for row in rows:
            assert row["status"] in FOLLOWS[self.statuses.get(row["_id"], "pending")]
            self.statuses[row["_id"]] = row["status"]
            is_over = "due" not in row
            if row["_id"] == self.void and row["status"] in ("applied", "done"):
                assert "voided_at" in self.voided()
            match row["status"]:
                case "applied":
                    assert row["_id"] in self.ever
                    assert not is_over or row["reason"]["code"] == "pusher_refused"
                case "done":
                    assert row["_id"] in self.ever & self.accepted
                    assert is_over
                case "rejected":
                    assert not is_over or row["_id"] not in self.granted
                case "pending":
                    assert not is_over

    def teardown(self) -> None:
        """Nobody dies any more and nothing is broken: a few retries later all of it is settled."""
        if not hasattr(self, "extensions"):
            return
        self.another_program("mends")
        for _ in range(3):
            self.time_passes(60)
            self.started = []
            for started in ledger.start_attempts(self.extensions):
                self.settle(self.reaches(started, 0), accepted=True)
            self.every_promise_is_kept()
        self.time_passes(60)
        ledger.release(100_000)
        for row in self.rows():
            assert row["status"] in ("done", "rejected") or row["reason"]["code"] == "pusher_refused"
            assert row["status"] == "rejected" or row["_id"] in self.ever
            assert row.keys().isdisjoint({"due", "release_at"})
            if row["_id"] == self.void:
                assert ("voided_at" in self.voided()) == (row["status"] != "rejected")
        assert self.session().get("swag_goals", {}).get("applied", []) == []


def seconds_in(session: dict[str, Any], viewer: str) -> int:
    return int(session["viewers"][viewer]["duration"]) if session else 300


def latest(made: list[Any], chosen: int) -> Any:
    return made[-1 - chosen % min(len(made), LATEST)]


def older(extension: Any, by: timedelta) -> Any:
    for name in TIMES:
        if (time := getattr(extension, name)) is not None:
            setattr(extension, name, time + by)
    return extension


def ago(value: Any, by: timedelta) -> Any:
    """The query with its times so much longer ago."""
    if isinstance(value, dict):
        return {name: ago(each, by) for name, each in value.items()}
    return value - by if isinstance(value, datetime) else value


def test_no_order_of_steps_loses_or_doubles_an_extension(documents: Database[dict[str, Any]]) -> None:
    assert timedelta(seconds=10) == time_limits.MAX_CLOCK_DIFFERENCE  # as far as clocks are apart here
    machine: Any = partial(Interleaving, documents)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize="EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
