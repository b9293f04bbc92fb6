"""Any order of attempts, deaths, sweeps, repairs and waits gives each extension at most once.

Hypothesis puts the steps together that workers, sweepers, operators and time take side by side, and
looks for an order in which the session, the ledger and what was granted disagree.
"""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from pymongo.database import Database

from swag_goals.documents import ledger
from swag_goals.documents.ledger import Begun, Outcome
from swag_goals.jobs.attempt import attempt
from tests import factories
from tests.factories import OneToOne, recorded

TIMES = ("requested_at", "nbf", "deadline", "due", "release_at")


class Interleaving(RuleBasedStateMachine):
    """One session, a few extensions of it, and everybody who may work on them."""

    extensions = Bundle("extensions")
    begun = Bundle("begun")  # attempts that have read the ledger
    outcomes = Bundle("outcomes")  # attempts that have asked the session, and have yet to write the ledger

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        super().__init__()
        self.database = database
        self.one = OneToOne()
        (self.viewer,) = self.one.viewers
        self.session_id = {"_id": ObjectId(self.one.session_id)}
        self.under_way: list[Begun] = []
        self.granted: list[ObjectId] = []
        factories.session(self.database, self.one.session_id, viewers={self.viewer: factories.permission()})

    def set(self, name: str, value: Any) -> None:
        """Write into the viewer's permission, as other programs do."""
        self.database["session"].update_one(self.session_id, {"$set": {f"viewers.{self.viewer}.{name}": value}})

    def session(self) -> dict[str, Any]:
        return self.database["session"].find_one(self.session_id) or {}

    def seconds(self) -> int:
        return int(self.session()["viewers"][self.viewer]["duration"])

    def rows(self) -> list[dict[str, Any]]:
        """The ledger of the session."""
        return list(self.database["extension"].find({"session_id": self.session_id["_id"]}))

    @rule(target=extensions)
    def somebody_asks(self) -> Any:
        return recorded(self.one).id

    @rule(target=begun, extension_id=extensions)
    def a_worker_begins(self, extension_id: Any) -> Any:
        (begun,) = ledger.begin([extension_id])
        self.under_way.append(begun)
        return begun

    @rule(target=outcomes, begun=begun, told=st.booleans())
    def it_asks_the_session(self, begun: Begun, told: bool) -> Any:
        before = self.seconds()
        made = attempt(begun.extension, begun.read_at)
        if made is None:
            return multiple()
        if self.seconds() != before:
            self.granted.append(made.extension.id)
        told = told and not made.refused
        return Outcome(
            made.extension,
            made.change,
            made.refused,
            told=told and made.all_can_be_told,
            gave_up=told and not made.all_can_be_told,
        )

    @rule(outcome=consumes(outcomes))
    def it_writes_the_ledger(self, outcome: Outcome) -> None:
        ledger.settle([outcome])

    @rule(outcome=consumes(outcomes))
    def it_dies(self, outcome: Outcome) -> None: ...

    @rule(seconds=st.sampled_from([3, 8, 25, 60]))
    def time_passes(self, seconds: int) -> None:
        """All that is remembered is so much longer ago, in the ledger and by attempts under way."""
        back = timedelta(seconds=seconds)
        ids = [row["_id"] for row in self.rows()]
        shift = {name: {"$subtract": [f"${name}", seconds * 1000]} for name in TIMES}
        kept = {name: {"$cond": [{"$eq": [{"$type": f"${name}"}, "date"]}, shift[name], "$$REMOVE"]} for name in TIMES}
        self.database["extension"].update_many({"_id": {"$in": ids}}, [{"$set": kept}])
        for begun in self.under_way:
            object.__setattr__(begun, "read_at", begun.read_at - back)
            for name in TIMES:
                if (time := getattr(begun.extension, name)) is not None:
                    setattr(begun.extension, name, time - back)

    @rule()
    def a_sweeper_comes_by(self) -> None:
        ledger.release(100)
        ledger.overdue(100)

    @rule(extension_id=extensions)
    def an_operator_reopens(self, extension_id: Any) -> None:
        ledger.reopen(extension_id, by="ops", why="a test")

    @rule()
    def another_program_breaks_the_session(self) -> None:
        self.set("nbf", "soon")

    @rule()
    def and_mends_it(self) -> None:
        self.set("nbf", factories.seconds_from_now(0))

    @invariant()
    def nothing_is_granted_twice(self) -> None:
        assert len(self.granted) == len(set(self.granted))
        assert self.seconds() == 300 + 60 * len(self.granted)

    @invariant()
    def the_ledger_shows_nothing_as_given_that_was_not(self) -> None:
        for row in self.rows():
            if row["status"] in ("applied", "done"):
                assert row["_id"] in self.granted

    @invariant()
    def what_is_rejected_for_good_was_not_given(self) -> None:
        for row in self.rows():
            if row["status"] == "rejected" and "due" not in row:
                assert row["_id"] not in self.granted

    def teardown(self) -> None:
        """When nobody dies any more and nothing is broken, all of it is settled within a few drives."""
        self.and_mends_it()
        self.time_passes(60)
        for _ in range(3):
            for row in self.rows():
                (begun,) = ledger.begin([row["_id"]])
                self.under_way.append(begun)
                outcome = self.it_asks_the_session(begun, told=True)
                if isinstance(outcome, Outcome):
                    ledger.settle([outcome])
            self.time_passes(60)
        ledger.release(100)
        self.nothing_is_granted_twice()
        for row in self.rows():
            assert row["status"] in ("done", "rejected") or row["reason"]["code"] == "pusher_refused"
            assert (row["_id"] in self.granted) == (row["status"] != "rejected")
            assert not {"due", "release_at"} & row.keys()
        assert self.session().get("swag_goals", {}).get("applied", []) == []


def test_no_order_of_steps_loses_or_doubles_an_extension(documents: Database[dict[str, Any]]) -> None:
    few = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Interleaving(documents), settings=few)  # type: ignore[arg-type] # takes a factory
