"""Any order of attempts, deaths, sweeps, repairs and waits gives each extension once, or not at all; so is each voided.

What workers, sweepers, operators, other programs and time do side by side is done here one step
after another in an order of chance, and after each step session, ledger and grants must agree.
"""

import random
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals.documents import ledger, settlement
from swag_goals.documents.ledger import StartedAttempt
from swag_goals.documents.session import Session
from swag_goals.documents.settlement import Outcome
from swag_goals.documents.void import record_void
from swag_goals.services.attempt import attempt
from tests import factories
from tests.factories import OneToOne, recorded, seconds_from_now

SEEDS = range(100, 108)
STEPS = 80
TIMES = ("requested_at", "nbf", "deadline", "due", "release_at")


class Interleaving:
    """Two extensions of one session, the void of a third, and everybody who may work on them."""

    def __init__(self, database: Database[dict[str, Any]], chance: random.Random) -> None:
        self.database = database
        self.chance = chance
        self.one = OneToOne()
        (self.viewer,) = self.one.viewers
        self.session_id = {"_id": ObjectId(self.one.session_id)}
        factories.session(database, self.one.session_id, viewers={self.viewer: factories.permission(ends_in=10_000)})
        self.given = recorded(self.one)
        settlement.settle([Outcome(self.given, Session.grant(self.given), notified=True)])
        self.void = record_void(self.given, by="ops", why="a test").id
        self.extensions = [*(recorded(self.one).id for _ in range(2)), self.void]
        self.started: list[StartedAttempt] = []  # attempts that have read the ledger
        self.outcomes: list[Outcome] = []  # attempts that have reached the session
        self.granted: list[ObjectId] = []

    def go(self) -> None:
        """One more step of anybody's."""
        steps = {
            self.a_worker_begins: 4,
            self.it_reaches_the_session: 6,
            self.it_writes_the_ledger: 4,
            self.time_passes: 2,
            self.a_sweeper_comes_by: 3,
            self.an_operator_reopens: 1,
            self.another_program_breaks_or_mends_the_session: 2,
        }
        (step,) = self.chance.choices(list(steps), list(steps.values()))
        step()
        self.check()

    def a_worker_begins(self) -> None:
        self.started += ledger.start_attempts([self.chance.choice(self.extensions)])

    def it_reaches_the_session(self) -> None:
        """Once, more than once or never, as the network and the worker's life have it."""
        if not self.started:
            return
        started = self.chance.choice(self.started[-4:])
        before = self.seconds()
        made = attempt(started.extension, started.read_at)
        if self.seconds() != before:
            self.granted.append(started.extension.id)
        if made is not None:
            sent = self.chance.random() < 0.5 and not made.refused
            notified, gave_up = sent and made.all_can_be_notified, sent and not made.all_can_be_notified
            self.outcomes.append(Outcome(made.extension, made.change, made.refused, notified, gave_up))

    def it_writes_the_ledger(self) -> None:
        """At once or late, once, more than once or never."""
        if self.outcomes:
            settlement.settle([self.chance.choice(self.outcomes[-4:])])

    def time_passes(self) -> None:
        self.wait(self.chance.choice((3, 8, 25)))

    def wait(self, seconds: int) -> None:
        """All times are so much longer ago, in the ledger and in the memory of attempts that are under way."""
        ago = {name: {"$subtract": [f"${name}", seconds * 1000]} for name in TIMES}
        moved = {name: {"$cond": [{"$eq": [{"$type": f"${name}"}, "date"]}, ago[name], "$$REMOVE"]} for name in TIMES}
        self.database["extension"].update_many({"_id": {"$in": [*self.extensions, self.given.id]}}, [{"$set": moved}])
        for started in self.started:
            object.__setattr__(started, "read_at", started.read_at - timedelta(seconds=seconds))
            for name in TIMES:
                if (time := getattr(started.extension, name)) is not None:
                    setattr(started.extension, name, time - timedelta(seconds=seconds))

    def a_sweeper_comes_by(self) -> None:
        ledger.claim_due(100)
        ledger.release(100)

    def an_operator_reopens(self) -> None:
        ledger.reopen(self.chance.choice(self.extensions), by="ops", why="a test")

    def another_program_breaks_or_mends_the_session(self) -> None:
        self.write(self.chance.choice(("soon", seconds_from_now(0))))

    def write(self, nbf: Any) -> None:
        self.database["session"].update_one(self.session_id, {"$set": {f"viewers.{self.viewer}.nbf": nbf}})

    def session(self) -> dict[str, Any]:
        return self.database["session"].find_one(self.session_id) or {}

    def seconds(self) -> int:
        return int(self.session()["viewers"][self.viewer]["duration"])

    def rows(self) -> list[dict[str, Any]]:
        return list(self.database["extension"].find({"_id": {"$in": self.extensions}}))

    def voided(self) -> dict[str, Any]:
        return self.database["extension"].find_one({"_id": self.given.id}) or {}

    def check(self) -> None:
        """Nothing is given twice; the ledger says of nothing that it is given, or never will be, where it is not so."""
        assert len(self.granted) == len(set(self.granted))
        assert self.seconds() == 360 + sum(-60 if each == self.void else 60 for each in self.granted)
        for row in self.rows():
            if row["status"] in ("applied", "done"):
                assert row["_id"] in self.granted
            if row["_id"] == self.void and row["status"] in ("applied", "done"):
                assert self.voided()["voided_at"]
            if row["status"] == "rejected" and "due" not in row:
                assert row["_id"] not in self.granted

    def settle(self) -> None:
        """Nobody dies any more and nothing is broken: a few retries later all of it is settled."""
        self.write(seconds_from_now(0))
        for _ in range(3):
            self.wait(60)
            self.started = ledger.start_attempts(self.extensions)
            for started in list(self.started):
                self.started, self.outcomes = [started], []
                self.it_reaches_the_session()
                settlement.settle(
                    [Outcome(o.extension, o.change, o.refused, notified=not o.refused) for o in self.outcomes]
                )
                self.check()
        self.wait(60)
        ledger.release(100)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_order_of_steps_loses_or_doubles_an_extension(documents: Database[dict[str, Any]], seed: int) -> None:
    order = Interleaving(documents, random.Random(seed))

    for _ in range(STEPS):
        order.go()
    order.settle()

    for row in order.rows():
        assert row["status"] in ("done", "rejected") or row["reason"]["code"] == "pusher_refused"
        assert (row["_id"] in order.granted) == (row["status"] != "rejected")
        assert row.keys().isdisjoint({"due", "release_at"})
    assert order.voided().get("taken_back") == ({order.viewer: 60} if order.void in order.granted else None)
    assert order.session().get("swag_goals", {}).get("applied", []) == []
