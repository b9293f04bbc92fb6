"""`flask audit`: whatever ledger and sessions disagree in is named; what others may do is not called broken."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import PyMongoError

from swag_goals.documents import ledger, ledger_stream, settlement
from swag_goals.documents.extension import Extension
from swag_goals.documents.session import Session
from swag_goals.documents.settlement import Outcome
from swag_goals.documents.void import record_void, taken_back
from tests import factories
from tests.commands.conftest import Ended, Run, cut_off
from tests.factories import moved, new_id

Documents = Database[dict[str, Any]]
MINUTE = timedelta(seconds=60)


class Stream:
    """A session whose viewers are extended, by the very steps of the program, and whatever else is done to it."""

    def __init__(self, documents: Documents, viewers: int = 1) -> None:
        self.one = factories.one_to_one(documents, viewers)
        self.viewer = self.one.viewers[0]
        self.extensions: list[Extension] = []
        self.sessions, self.records = documents["session"], documents["extension"]
        self._its = {"_id": ObjectId(self.one.session_id)}

    def extend(self, times: int = 1, **outcome: Any) -> None:
        for _ in range(times):
            extension = factories.recorded(self.one)
            its: dict[str, Any] = {"change": Session.grant(extension), "notified": True, **outcome}
            settlement.settle([Outcome(extension, **its)])
            self.extensions.append(extension)

    def of_somebody_new(self) -> None:
        """Whoever is extended from now on has no permission yet."""
        self.one = replace(self.one, viewers=[new_id()])

    def release(self) -> None:
        """The guard has forgotten what is applied, as it does half a minute later."""
        its = {"session_id": self._its["_id"], "status": {"$in": ["applied", "done"]}}
        ids = {"$in": self.records.distinct("_id", its)}
        forget = {"$pull": {"swag_goals.applied": ids, "swag_goals.changes": {"extension": ids}}}
        self.sessions.update_one({**self._its, "swag_goals": {"$exists": True}}, forget)

    def change(self, update: Any) -> None:
        """What another program does to the session."""
        assert self.sessions.update_one(self._its, update).matched_count

    def give(self, seconds: int, *, exp: int | None = None) -> None:
        """Seconds more in both, or in `exp` so many."""
        ms = 1000 * (seconds if exp is None else exp)
        path = f"viewers.{self.viewer}"
        sums = {
            f"{path}.duration": {"$add": [f"${path}.duration", seconds]},
            f"{path}.exp": {"$add": [f"${path}.exp", ms]},
        }
        self.change([{"$set": sums}])

    def record(self, number: int, update: Any) -> None:
        """What another hand does to the record of an extension."""
        assert self.records.update_one({"_id": self.extensions[number].id}, update).matched_count

    def forget(self, *numbers: int) -> None:
        """Its records are gone."""
        self.records.delete_many({"_id": {"$in": [self.extensions[number].id for number in numbers]}})

    def session(self) -> dict[str, Any]:
        return self.sessions.find_one(self._its) or {}

    def replace(self, document: dict[str, Any]) -> None:
        self.sessions.replace_one(self._its, document)

    def remove(self) -> None:
        self.sessions.delete_one(self._its)

    def void(self, number: int, **settled: Any) -> Extension:
        """Void the extension; its void."""
        void = record_void(self.extensions[number], by="Ana", why="in error")
        its: dict[str, Any] = {"change": Session.grant(void), "notified": True, **settled}
        settlement.settle([Outcome(void, **its)])
        return void


@pytest.fixture
def stream(documents: Documents) -> Stream:
    """Three extensions, all of them done."""
    stream = Stream(documents)
    stream.extend(3)
    return stream


@pytest.fixture
def audit(flask: Run) -> Callable[[Stream], Ended]:
    return lambda stream: flask("audit", "--session", stream.one.session_id, "--json")


def kinds(ended: Ended, title: str = "broken") -> set[str]:
    return set(ended.json[title])


def seconds(ended: Ended, title: str, kind: str) -> list[tuple[float, float]]:
    return [(each["seconds"], each["exp_seconds"]) for each in ended.json[title][kind]["examples"]]


def given_again(stream: Stream) -> None:
    """By the program itself, which has lost its guard."""
    stream.change({"$set": {"swag_goals.applied": []}})
    assert Session.grant(moved(stream.extensions[1], "deadline", by=60))


def given_again_between(stream: Stream) -> None:
    stream.give(60)
    stream.extend()


def given_again_when_its_time_was_over(stream: Stream) -> None:
    stream.give(60, exp=60)
    path = f"viewers.{stream.viewer}.exp"
    stream.change([{"$set": {path: {"$subtract": [f"${path}", 60_000]}}}])
    stream.give(0, exp=60)


def given_again_what_others_are_given(stream: Stream) -> None:
    extended_by_90(stream)
    stream.give(60)


def given_again_what_it_gave(stream: Stream) -> None:
    extended_by_90(stream)
    stream.give(90)


def extended_by_90(stream: Stream) -> None:
    extension = factories.recorded(stream.one)
    extension.update(duration=90)
    extension.duration = 90
    settlement.settle([Outcome(extension, change=Session.grant(extension), notified=True)])


def without_its_last_record(stream: Stream) -> None:
    stream.release()
    stream.forget(2)


def without_a_record_between(stream: Stream) -> None:
    stream.release()
    stream.forget(1)


def without_a_record_that_the_guard_has(stream: Stream) -> None:
    stream.forget(1)


def without_any_record(stream: Stream) -> None:
    stream.release()
    stream.forget(0, 1, 2)


def done_and_never_given(stream: Stream) -> None:
    never = factories.recorded(stream.one)
    stream.records.update_one({"_id": never.id}, {"$set": {"status": "done"}, "$unset": {"due": ""}})


def applied_and_never_given(stream: Stream) -> None:
    never = factories.recorded(stream.one)
    settlement.settle([Outcome(never)])


def done_and_never_given_before_the_first(stream: Stream) -> None:
    stream.of_somebody_new()
    done_and_never_given(stream)
    stream.extend()


def done_and_never_given_between(stream: Stream) -> None:
    done_and_never_given(stream)
    stream.extend()


def done_and_taken_out(stream: Stream) -> None:
    stream.give(-60)


def taken_out_between(stream: Stream) -> None:
    stream.give(-60)
    stream.extend()


def rejected_and_given(stream: Stream) -> None:
    stream.record(1, {"$set": {"status": "rejected", "reason": {"code": "session_missing", "detail": ""}}})


def rejected_and_given_long_ago(stream: Stream) -> None:
    stream.release()
    rejected_and_given(stream)


def rejected_and_in_the_guard(stream: Stream) -> None:
    extension = factories.recorded(stream.one)
    Session.grant(extension)
    settlement.settle([Outcome(extension, refused="session_missing")])
    ledger.close_rejected(extension)


def less_than_before(stream: Stream) -> None:
    stream.give(-7)


def less_between(stream: Stream) -> None:
    stream.give(-7)
    stream.extend()


def an_earlier_end(stream: Stream) -> None:
    stream.give(0, exp=-7)


def a_shorter_duration(stream: Stream) -> None:
    stream.give(-7, exp=0)


def without_the_entry(stream: Stream) -> None:
    stream.change({"$unset": {f"viewers.{stream.viewer}": ""}})


def with_an_entry_that_is_none(stream: Stream) -> None:
    stream.change({"$set": {f"viewers.{stream.viewer}.exp": "tomorrow"}})


def with_viewers_that_are_none(stream: Stream) -> None:
    stream.change({"$set": {"viewers": [1]}})


def with_an_end_again_after_a_void_without_one(stream: Stream) -> None:
    stream.change({"$unset": {f"viewers.{stream.viewer}.exp": ""}})
    stream.void(2)
    the_entry_made_anew(stream)


def removed(stream: Stream) -> None:
    stream.remove()


def removed_after_less_between(stream: Stream) -> None:
    less_between(stream)
    stream.remove()


def removed_after_a_void_without_an_end(stream: Stream) -> None:
    stream.change({"$unset": {f"viewers.{stream.viewer}.exp": ""}})
    stream.void(2)
    stream.remove()


def removed_after_the_time_of_one_of_two(stream: Stream) -> None:
    over_for(stream, days=31)
    stream.of_somebody_new()
    stream.extend()
    stream.remove()


def removed_within_a_month(stream: Stream) -> None:
    over_for(stream, days=29)
    stream.remove()


def less_after_a_void(stream: Stream) -> None:
    stream.void(2)
    stream.give(-60)


def removed_with_nothing_known(stream: Stream) -> None:
    with_nothing_known(stream)
    stream.remove()


def made_again(stream: Stream) -> None:
    stream.replace({"viewers": {stream.viewer: factories.permission(ends_in=300)}})


def made_again_with_nothing_known(stream: Stream) -> None:
    with_nothing_known(stream)
    made_again(stream)


def written_back_from_before_the_first(stream: Stream) -> None:
    stream.replace({"viewers": {stream.viewer: factories.permission()}})


def written_back_from_an_old_copy(stream: Stream) -> None:
    copy = stream.session()
    stream.extend()
    stream.replace(copy)


def with_another_sum_in_the_record(stream: Stream) -> None:
    stream.record(2, {"$inc": {f"permissions.{stream.viewer}.duration": 1}})


def with_another_before_in_the_record(stream: Stream) -> None:
    stream.record(0, {"$inc": {f"before.{stream.viewer}.duration": 1}})


def pending_for_an_hour(stream: Stream) -> None:
    moved(factories.recorded(stream.one), "requested_at", by=-3601)


def unreadable(stream: Stream) -> None:
    stream.record(1, {"$set": {"viewers": "everybody"}})


def of_no_session(stream: Stream) -> None:
    stream.record(1, {"$set": {"session_id": [ObjectId(stream.one.session_id)]}})


def of_seconds_that_no_time_holds(stream: Stream) -> None:
    stream.record(2, {"$set": {"duration": 2**60}})


def of_the_end_of_time(stream: Stream) -> None:
    stream.record(1, {"$set": {f"before.{stream.viewer}.exp": datetime.max.replace(tzinfo=UTC)}})


def with_seconds_that_are_none(stream: Stream) -> None:
    stream.change({"$set": {f"viewers.{stream.viewer}.duration": float("nan")}})


def void_of_more_than_was_given(stream: Stream) -> None:
    void = stream.void(2)
    taken = {f"permissions.{stream.viewer}.duration": -60}
    stream.records.update_one({"_id": void.id}, {"$inc": taken})


def void_of_less_than_was_left(stream: Stream) -> None:
    void = stream.void(2)
    stream.records.update_one({"_id": void.id}, {"$inc": {f"permissions.{stream.viewer}.duration": 60}})


def void_of_an_earlier_end(stream: Stream) -> None:
    path = f"permissions.{stream.viewer}.exp"
    void = stream.void(2)
    stream.record(2, {"$unset": {"taken_back": ""}})
    stream.records.update_one({"_id": void.id}, [{"$set": {path: {"$subtract": [f"${path}", 60_000]}}}])


def void_of_used_seconds(stream: Stream) -> None:
    void = stream.void(2)
    later = [{"$set": {"applied_at": {"$add": ["$applied_at", 200_000]}}}]
    stream.records.update_one({"_id": void.id}, later)


def void_twice(stream: Stream) -> None:
    void = stream.records.find_one({"_id": stream.void(2).id}) or {}
    its = void["permissions"][stream.viewer]
    less = its | {"duration": its["duration"] - 60, "exp": its["exp"] - MINUTE}
    change = {"revision": void["revision"] + 1, "before": {stream.viewer: its}, "permissions": {stream.viewer: less}}
    stream.records.insert_one(void | change | {"_id": ObjectId()})
    stream.change({"$set": {f"viewers.{stream.viewer}": less, "swag_goals.revision": void["revision"] + 1}})


def void_that_the_extension_tells_otherwise(stream: Stream) -> None:
    stream.void(2)
    stream.record(2, {"$set": {"taken_back": {stream.viewer: 12}}})


def void_without_a_record(stream: Stream) -> None:
    stream.records.delete_one({"_id": stream.void(2).id})


FALSIFIED: list[tuple[Callable[[Stream], None], str]] = [
    (given_again, "given_twice"),
    (given_again_between, "given_twice"),
    (given_again_when_its_time_was_over, "given_twice"),
    (given_again_what_others_are_given, "given_twice"),
    (given_again_what_it_gave, "given_twice"),
    (without_a_record_between, "given_twice"),
    (without_its_last_record, "given_twice"),
    (without_a_record_that_the_guard_has, "unrecorded"),
    (without_any_record, "unrecorded"),
    (rejected_and_given, "unrecorded"),
    (rejected_and_given_long_ago, "unrecorded"),
    (rejected_and_in_the_guard, "unrecorded"),
    (done_and_never_given, "not_in_session"),
    (done_and_never_given_between, "not_in_session"),
    (applied_and_never_given, "not_in_session"),
    (done_and_never_given_before_the_first, "not_in_session"),
    (done_and_taken_out, "not_in_session"),
    (taken_out_between, "not_in_session"),
    (less_than_before, "lost"),
    (less_between, "lost"),
    (less_after_a_void, "lost"),
    (an_earlier_end, "lost"),
    (a_shorter_duration, "lost"),
    (without_the_entry, "lost"),
    (with_an_entry_that_is_none, "lost"),
    (with_viewers_that_are_none, "lost"),
    (with_an_end_again_after_a_void_without_one, "lost"),
    (removed, "session_removed"),
    (removed_after_less_between, "lost"),
    (removed_after_a_void_without_an_end, "lost"),
    (removed_after_the_time_of_one_of_two, "session_removed"),
    (removed_within_a_month, "session_removed"),
    (removed_with_nothing_known, "session_removed"),
    (made_again, "session_replaced"),
    (made_again_with_nothing_known, "not_in_session"),
    (written_back_from_before_the_first, "session_replaced"),
    (written_back_from_an_old_copy, "session_replaced"),
    (with_another_sum_in_the_record, "wrong_sum"),
    (with_another_before_in_the_record, "wrong_sum"),
    (pending_for_an_hour, "pending"),
    (unreadable, "unreadable"),
    (of_no_session, "unreadable"),
    (of_seconds_that_no_time_holds, "unreadable"),
    (of_the_end_of_time, "unreadable"),
    (with_seconds_that_are_none, "lost"),
    (void_of_more_than_was_given, "void_too_much"),
    (void_of_less_than_was_left, "wrong_sum"),
    (void_of_an_earlier_end, "void_too_much"),
    (void_of_used_seconds, "void_too_much"),
    (void_twice, "void_too_much"),
    (void_that_the_extension_tells_otherwise, "void_too_much"),
    (void_without_a_record, "void_too_much"),
]


@pytest.mark.parametrize(("falsify", "kind"), FALSIFIED, ids=lambda value: getattr(value, "__name__", None))
def test_what_is_broken_is_named(
    stream: Stream, audit: Callable[[Stream], Ended], falsify: Callable[[Stream], None], kind: str
) -> None:
    falsify(stream)
    just_now = audit(stream)
    stream.release()
    long_ago = audit(stream)

    for ended in (just_now, long_ago):
        assert (ended.status, kind in kinds(ended)) == (1, True), ended.stdout


def without_any_record_that_the_guard_has(stream: Stream) -> None:
    stream.forget(0, 1, 2)


def all_unreadable(stream: Stream) -> None:
    for number in range(3):
        stream.record(number, {"$set": {"viewers": "everybody"}})


@pytest.mark.parametrize(
    ("falsify", "found"),
    [
        (without_its_last_record, {"given_twice": 1}),
        (without_any_record, {"unrecorded": 1}),
        (without_any_record_that_the_guard_has, {"unrecorded": 3}),
        (all_unreadable, {"unreadable": 3}),
    ],
)
def test_a_change_without_its_record_is_said_once(
    stream: Stream, audit: Callable[[Stream], Ended], falsify: Callable[[Stream], None], found: dict[str, int]
) -> None:
    falsify(stream)

    assert {kind: each["count"] for kind, each in audit(stream).json["broken"].items()} == found


def bought(stream: Stream) -> None:
    stream.change({"$inc": {f"viewers.{stream.viewer}.duration": 300}})


def bought_between(stream: Stream) -> None:
    bought(stream)
    stream.extend()
    stream.give(300)
    stream.extend()


def bought_for_later(stream: Stream) -> None:
    stream.give(60, exp=3600)


def a_new_entry(stream: Stream) -> None:
    stream.change({"$set": {f"viewers.{new_id()}": factories.permission(ends_in=300)}})


def the_entry_made_anew(stream: Stream) -> None:
    stream.change({"$set": {f"viewers.{stream.viewer}": factories.permission(ends_in=600)}})


def with_more_in_the_entry(stream: Stream) -> None:
    stream.change({"$set": {f"viewers.{stream.viewer}.color": "blue", "title": "a stream"}})


def for_the_first_time(stream: Stream) -> None:
    stream.of_somebody_new()
    stream.extend(2)


def of_somebody_with_less_than_nothing(stream: Stream) -> None:
    stream.of_somebody_new()
    stream.change({"$set": {f"viewers.{stream.one.viewers[0]}": factories.permission(duration=-100)}})
    stream.extend(2)


def late(stream: Stream) -> None:
    extension = moved(factories.recorded(stream.one), "requested_at", "nbf", by=-6)
    settlement.settle([Outcome(extension, change=Session.grant(extension), notified=True)])


def not_notified(stream: Stream) -> None:
    stream.extend(notified=False)
    stream.extend(notified=False, gave_up=True)


def with_before_unknown(stream: Stream) -> None:
    stream.record(1, {"$unset": {"before": ""}})


def with_its_change_unknown(stream: Stream) -> None:
    stream.extend(change=None)
    stream.extend()
    stream.extend(change=None)


def with_changes_unknown_of_two_viewers(stream: Stream) -> None:
    stream.extend(change=None)
    stream.of_somebody_new()
    stream.extend(change=None)


def with_both_changes_unknown(stream: Stream) -> None:
    stream.extend(change=None)
    stream.void(3, change=None)
    stream.extend()


def voided_and_not_settled_beside_a_purchase(stream: Stream) -> None:
    voided_and_not_settled(stream)
    bought(stream)


def requested_long_before_it_was_given(stream: Stream) -> None:
    stream.extend(change=None)
    moved(stream.extensions[3], "requested_at", by=-600)


def with_nothing_known(stream: Stream) -> None:
    for number in range(3):
        names = ("before", "permissions", "revision", "applied_at", "applied_nbf")
        stream.record(number, {"$unset": dict.fromkeys(names, "")})


def with_a_part_of_its_change_unknown(stream: Stream) -> None:
    stream.extend()
    for number, name in enumerate(("permissions", "revision", "applied_at", "applied_nbf")):
        stream.record(number, {"$unset": {name: ""}})


def with_its_change_unknown_and_before_of_the_next(stream: Stream) -> None:
    stream.of_somebody_new()
    stream.extend(change=None)
    stream.extend()
    stream.record(4, {"$unset": {"before": ""}})


def with_more_in_the_guard(stream: Stream) -> None:
    stream.change({"$push": {"swag_goals.applied": {"$each": ["x", {"a": 1}]}}})


def requested_hours_ago(stream: Stream) -> None:
    moved(stream.extensions[0], "requested_at", by=-7200)


def given_and_not_settled(stream: Stream) -> None:
    Session.grant(factories.recorded(stream.one))
    stream.extend()


def pending(stream: Stream) -> None:
    factories.recorded(stream.one)
    moved(factories.recorded(stream.one), "requested_at", by=-3300)


def rejected(stream: Stream) -> None:
    extension = factories.recorded(stream.one)
    settlement.settle([Outcome(extension, refused="exp_too_far")])


def rejected_after_an_earlier_attempt_gave_it(stream: Stream) -> None:
    rejected(stream)
    (extension,) = Extension.objects(session_id=stream.session()["_id"], status="rejected")
    Session.grant(extension)


def rejected_and_driven_again(stream: Stream) -> None:
    extension = factories.recorded(stream.one)
    settlement.settle([Outcome(extension, refused="exp_too_far")])
    again = ledger.reopen(extension.id, by="Ana", why="mended")
    assert again
    settlement.settle([Outcome(again, change=Session.grant(again), notified=True)])


def rejected_without_its_session(stream: Stream) -> None:
    stream.forget(0, 1, 2)
    stream.remove()
    rejected(stream)


def settled_in_another_order(stream: Stream) -> None:
    extensions = [factories.recorded(stream.one) for _ in range(2)]
    changes = [Session.grant(each) for each in extensions]
    for extension, change in reversed(list(zip(extensions, changes, strict=True))):
        settlement.settle([Outcome(extension, change=change, notified=True)])


def voided(stream: Stream) -> None:
    stream.extend()
    stream.void(3)
    stream.extend()
    stream.void(0)


def voided_and_not_said(stream: Stream) -> None:
    stream.void(2)
    stream.record(2, {"$unset": {"taken_back": ""}})


def voided_with_less_left_than_it_gave(stream: Stream) -> None:
    for_the_first_time(stream)
    for number in (4, 3):
        stream.void(number)


def voided_and_not_settled(stream: Stream) -> None:
    Session.grant(record_void(stream.extensions[2], by="Ana", why="in error"))


def voided_and_said_and_not_settled(stream: Stream) -> None:
    void = record_void(stream.extensions[2], by="Ana", why="in error")
    stream.records.bulk_write([taken_back(void, Session.grant(void))])


def voided_and_nobody_knows_when(stream: Stream) -> None:
    stream.void(2, change=None)
    stream.extend()


def over_for(stream: Stream, *, days: int) -> None:
    shown = {f"{name}.{stream.viewer}.{time}" for name in ("before", "permissions") for time in ("nbf", "exp")}
    times = {*shown, "applied_nbf", "applied_at"}
    for number in range(3):
        stream.record(number, [{"$set": {time: {"$subtract": [f"${time}", days * 86_400_000]} for time in times}}])


def removed_long_after(stream: Stream) -> None:
    over_for(stream, days=31)
    stream.remove()


def without_the_entry_long_after(stream: Stream) -> None:
    over_for(stream, days=31)
    without_the_entry(stream)


ALLOWED: list[tuple[Callable[[Stream], None], set[str]]] = [
    (lambda stream: None, set()),
    (bought, {"changed"}),
    (bought_between, {"changed"}),
    (bought_for_later, {"changed"}),
    (a_new_entry, set()),
    (the_entry_made_anew, {"changed"}),
    (with_more_in_the_entry, set()),
    (for_the_first_time, set()),
    (of_somebody_with_less_than_nothing, set()),
    (late, set()),
    (not_notified, set()),
    (with_before_unknown, set()),
    (with_its_change_unknown, set()),
    (with_changes_unknown_of_two_viewers, set()),
    (with_both_changes_unknown, set()),
    (voided_and_not_settled_beside_a_purchase, {"changed"}),
    (requested_long_before_it_was_given, set()),
    (with_nothing_known, set()),
    (with_a_part_of_its_change_unknown, set()),
    (with_its_change_unknown_and_before_of_the_next, set()),
    (with_more_in_the_guard, set()),
    (requested_hours_ago, set()),
    (given_and_not_settled, set()),
    (pending, set()),
    (rejected, set()),
    (rejected_after_an_earlier_attempt_gave_it, set()),
    (rejected_and_driven_again, set()),
    (rejected_without_its_session, set()),
    (settled_in_another_order, set()),
    (voided, set()),
    (voided_and_not_said, set()),
    (voided_with_less_left_than_it_gave, set()),
    (voided_and_not_settled, set()),
    (voided_and_said_and_not_settled, set()),
    (voided_and_nobody_knows_when, set()),
    (removed_long_after, {"removed"}),
    (without_the_entry_long_after, {"removed"}),
]


@pytest.mark.parametrize(("happens", "others"), ALLOWED, ids=lambda value: getattr(value, "__name__", None))
def test_what_may_happen_is_not_called_broken(
    stream: Stream, audit: Callable[[Stream], Ended], happens: Callable[[Stream], None], others: set[str]
) -> None:
    happens(stream)
    just_now = audit(stream)
    stream.release()
    long_ago = audit(stream)

    for ended in (just_now, long_ago):
        assert (ended.json["broken"], kinds(ended, "others"), ended.status) == ({}, others, 0)


def test_what_others_changed_is_said_in_seconds(stream: Stream, audit: Callable[[Stream], Ended]) -> None:
    bought_between(stream)
    stream.give(7)

    assert seconds(audit(stream), "others", "changed") == [(300, 0), (300, 300), (7, 7)]


def test_so_is_what_is_lost(stream: Stream, audit: Callable[[Stream], Ended]) -> None:
    less_between(stream)

    assert seconds(audit(stream), "broken", "lost") == [(-7, -7)]


@pytest.mark.parametrize("records_first", [True, False])
def test_a_session_that_is_extended_while_it_is_looked_at_is_not_broken(
    stream: Stream, audit: Callable[[Stream], Ended], monkeypatch: pytest.MonkeyPatch, records_first: bool
) -> None:
    read, read_again = ledger_stream.by_session, ledger_stream.of_session

    def extended_meanwhile(*asked: Any) -> Iterator[Any]:
        for session_id, session, records in read(*asked):
            before = list(records)
            stream.extend()
            if records_first:
                yield session_id, stream.session(), iter(before)
            else:
                yield session_id, session, read_again(session_id)

    def extended_once_more(session_id: ObjectId) -> Iterator[Any]:
        stream.extend()
        return read_again(session_id)

    monkeypatch.setattr(ledger_stream, "by_session", extended_meanwhile)
    monkeypatch.setattr(ledger_stream, "of_session", extended_once_more)

    ended = audit(stream)

    assert (ended.json["broken"], ended.status) == ({}, 0)


def test_all_of_many_viewers_are_looked_at(documents: Documents, audit: Callable[[Stream], Ended]) -> None:
    stream = Stream(documents, viewers=20)
    stream.extend(2)
    stream.void(1)
    stream.extend()
    assert audit(stream).status == 0

    stream.viewer = stream.one.viewers[-1]
    stream.give(-60)
    assert kinds(audit(stream)) == {"not_in_session"}


def test_all_sessions_are_looked_at_or_those_of_a_time(documents: Documents, flask: Run) -> None:
    begins = datetime(2001, 1, 1, tzinfo=UTC)
    old, new, never = Stream(documents), Stream(documents), Stream(documents)
    for stream in (old, new):
        stream.extend()
        stream.give(-60)
    never.change({"$set": {"swag_goals": {"revision": 1}}})
    old.record(0, {"$set": {"requested_at": begins}})

    everything = flask("audit", "--json").json
    since = flask("audit", "--since", new.extensions[0].requested_at.isoformat(), "--json").json

    sessions = {
        name: {each["session_id"] for kind in found["broken"].values() for each in kind["examples"]}
        for name, found in (("everything", everything), ("since", since))
    }
    assert since["sessions"] < everything["sessions"]
    assert new.one.session_id in sessions["since"]
    assert old.one.session_id not in sessions["since"]
    assert everything["broken"]["not_in_session"]["count"] >= 2
    assert everything["broken"]["unrecorded"]["count"] >= 1


def test_after_a_failover_it_goes_on_behind_the_session_before(
    documents: Documents, flask: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = [Stream(documents) for _ in range(5)]
    for stream in streams:
        stream.extend(2)
    since = ("--since", streams[0].extensions[0].requested_at.isoformat())
    one = flask("audit", *since, "--json").json

    monkeypatch.setattr(ledger_stream, "resumed", cut_off)

    assert one["sessions"] >= 5
    assert flask("audit", *since, "--json").json == one


def test_to_find_the_sessions_of_a_time_is_bounded(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_stream, "MAX_GROUP", 1e-6)

    with pytest.raises(PyMongoError) as error:
        list(ledger_stream.sessions_since(datetime(2001, 1, 1, tzinfo=UTC)))
    assert error.value.timeout


def test_for_people_it_names_each_with_its_seconds(stream: Stream, flask: Run) -> None:
    stream.give(-7)

    text = flask("audit", "--session", stream.one.session_id).stdout

    assert "lost" in text
    assert f"viewer_id={stream.viewer} seconds=-7 exp_seconds=-7.0" in text


@pytest.mark.parametrize("session_id", ["nonsense", "A" * 24])
def test_an_id_that_is_none_is_a_wrong_use(flask: Run, session_id: str) -> None:
    assert flask("audit", "--session", session_id).status == 2


def test_an_unknown_session_is_said_to_be_none(flask: Run) -> None:
    ended = flask("audit", "--session", new_id())

    assert (ended.status, "There is no session" in ended.stderr) == (1, True)
