"""`flask extension`: what the ledger says, what is overdue and why, and re-driving one."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.database import Database
from redis import Redis
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from dev.stack.stack import Stack
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.documents.void import id_of_void
from swag_goals.queue.extensions import QUEUE
from swag_goals.queue.status import SWEEPER, sweeper_lives
from tests import factories
from tests.commands.conftest import Run

Documents = Database[dict[str, Any]]
Record = Callable[..., Extension]


@pytest.fixture
def record(documents: Documents) -> Record:
    """Record an extension, with these fields of the ledger afterwards; None removes a field."""

    def record(**fields: Any) -> Extension:
        extension = factories.recorded(factories.one_to_one(documents))
        set_ = {name: value for name, value in fields.items() if value is not None}
        unset = {name: "" for name, value in fields.items() if value is None}
        change(documents, extension, {"$set": {"key": extension.key, **set_}, "$unset": {"nothing": "", **unset}})
        return extension

    return record


@pytest.fixture
def redis(servers: Stack) -> Iterator[Redis]:
    """Redis, in which nobody is known to live."""
    with connect_redis(servers.settings["REDIS_URL"], timedelta(seconds=2.0)) as redis:
        redis.delete(SWEEPER, "a-worker", WORKERS_BY_QUEUE_KEY % QUEUE)
        yield redis
        redis.delete(SWEEPER, "a-worker", WORKERS_BY_QUEUE_KEY % QUEUE)


def change(documents: Documents, extension: Extension, update: dict[str, Any]) -> None:
    documents["extension"].update_one({"_id": extension.id}, update)


class TestShow:
    @pytest.mark.parametrize("entry", [{}, "x", None, {"at": 1, "by": "a", "why": "b", "what": "void"}], ids=str)
    def test_an_operation_that_another_hand_wrote_is_shown_as_it_stands(
        self, flask: Run, record: Record, entry: Any
    ) -> None:
        extension = record(operations=[entry])

        shown = flask("extension", "show", str(extension.id), "--json").json
        assert shown["operations"] == [{"unreadable": repr(entry)}]

    def test_a_void_that_cannot_be_read_is_named(self, flask: Run, record: Record, documents: Documents) -> None:
        extension = record()
        void = id_of_void(extension.id)
        documents["extension"].insert_one({"_id": void, "status": "nonsense"})

        ended = flask("extension", "show", str(extension.id))
        documents["extension"].delete_one({"_id": void})

        assert (ended.status, ended.stderr[:6]) == (1, "Error:")
        assert f"extension {void} cannot be read" in ended.stderr

    def test_it_shows_all_that_is_known(self, flask: Run, record: Record) -> None:
        extension = record()

        shown = flask("extension", "show", str(extension.id), "--json").json

        assert shown["id"] == str(extension.id)
        assert shown["status"] == "pending"
        assert shown["viewers"] == extension.viewers
        assert (shown["requests"], shown["retries"], shown["operations"]) == (1, 0, [])

    def test_people_get_a_line_for_each_field(self, flask: Run, record: Record) -> None:
        extension = record()

        lines = flask("extension", "show", str(extension.id)).stdout.splitlines()

        assert f"id            {extension.id}" in lines
        assert "applied_at    -" in lines

    @pytest.mark.parametrize("unknown", ["nonsense", "0" * 24])
    def test_an_unknown_one_is_said_to_be_none(self, flask: Run, unknown: str) -> None:
        ended = flask("extension", "show", unknown)

        assert ended.status == 1
        assert f"There is no extension {unknown}." in ended.stderr


class TestList:
    def test_the_newest_comes_first(self, flask: Run, record: Record) -> None:
        older, newer = record(), record()

        listed = [each["id"] for each in flask("extension", "list", "--json").json]

        assert listed[:2] == [str(newer.id), str(older.id)]

    def test_one_status_alone_can_be_listed(self, flask: Run, record: Record) -> None:
        record()
        rejected = record(status="rejected", reason={"code": "session_missing", "detail": ""})

        listed = flask("extension", "list", "--status", "rejected", "--limit", "1", "--json").json

        assert [(each["id"], each["reason"]) for each in listed] == [(str(rejected.id), "session_missing")]

    def test_for_people_each_is_one_line_with_its_whole_id(self, flask: Run, record: Record) -> None:
        extension = record()

        heading, first, *_ = flask("extension", "list", "--limit", "1").stdout.splitlines()

        assert heading.split()[:2] == ["id", "status"]
        assert first.split()[:2] == [str(extension.id), "pending"]


class TestOverdue:
    @pytest.mark.parametrize(
        ("fields", "lives", "why"),
        [
            ({}, [], "no worker runs; retried 0 x"),
            ({}, ["worker"], "no sweeper runs"),
            ({}, ["worker", "sweeper"], "no sweeper has retried it"),
            ({"retries": 3}, ["worker"], "retried 3 x, and no worker has finished it; their logs say why"),
            ({"retries": 3, "status": "applied"}, [], "the seconds are given; Pusher has not accepted the event"),
            ({"retries": 1, "status": "rejected"}, [], "rejected; to be looked at once more"),
        ],
    )
    def test_it_says_why(
        self, flask: Run, record: Record, redis: Redis, *, fields: dict[str, Any], lives: list[str], why: str
    ) -> None:
        extension = record(**fields)
        factories.moved(extension, "requested_at", "due", by=-3600)
        if "worker" in lives:
            redis.set("a-worker", "1")
            redis.sadd(WORKERS_BY_QUEUE_KEY % QUEUE, "a-worker")
        if "sweeper" in lives:
            sweeper_lives(redis)

        overdue = {each["id"]: each["why"] for each in flask("extension", "overdue", "--limit", "1000", "--json").json}

        assert overdue[str(extension.id)].startswith(why)

    def test_what_goes_its_straight_way_is_not_overdue(self, flask: Run, record: Record) -> None:
        fresh, done = record(), record(status="done", due=None)
        factories.moved(done, "requested_at", by=-3600)

        overdue = {each["id"] for each in flask("extension", "overdue", "--limit", "1000", "--json").json}

        assert overdue.isdisjoint({str(fresh.id), str(done.id)})


class TestRedrive:
    def test_it_keeps_the_id_and_writes_down_who_and_why(
        self, documents: Documents, flask: Run, record: Record
    ) -> None:
        extension = record(status="rejected", due=None)

        ended = flask("extension", "redrive", str(extension.id), "--reason", "mended", "--by", "Ana")

        found = documents["extension"].find_one({"_id": extension.id})
        assert ended.status == 0
        assert found
        assert found["status"] == "pending"
        assert [(each["what"], each["by"], each["why"]) for each in found["operations"]] == [
            ("redrive", "Ana", "mended")
        ]

    def test_a_done_one_is_refused(self, flask: Run, record: Record) -> None:
        ended = flask("extension", "redrive", str(record(status="done").id), "--reason", "r", "--force")

        assert ended.status == 1
        assert "It is done" in ended.stderr

    def test_where_the_streamer_may_have_pressed_again_it_takes_force(self, documents: Documents, flask: Run) -> None:
        one = factories.one_to_one(documents)
        first, second = factories.recorded(one), factories.recorded(one)

        refused = flask("extension", "redrive", str(first.id), "--reason", "r")
        forced = flask("extension", "redrive", str(first.id), "--reason", "r", "--force")

        assert (refused.status, forced.status) == (1, 0)
        assert str(second.id) in refused.stderr


class TestVoid:
    def test_it_records_a_void_with_who_and_why(self, documents: Documents, flask: Run, record: Record) -> None:
        extension = record(status="done", due=None)

        ended = flask("extension", "void", str(extension.id), "--reason", "in error", "--by", "Ana")

        (void,) = documents["extension"].find({"void_of": extension.id})
        assert ended.stdout.startswith(f"Recorded void {void['_id']}. Follow it: flask extension follow")
        assert void["status"] == "pending"
        assert void["key"] == void["request_id"] == f"void:{extension.id}"
        assert [(each["what"], each["by"], each["why"]) for each in void["operations"]] == [("void", "Ana", "in error")]

    def test_a_second_one_tells_of_the_first(self, documents: Documents, flask: Run, record: Record) -> None:
        extension = record(status="applied")
        flask("extension", "void", str(extension.id), "--reason", "in error", "--by", "Ana")

        second = flask("extension", "void", str(extension.id), "--reason", "again", "--by", "Bo")

        assert second.status == 0
        assert second.stdout.startswith("It was voided before, at ")
        assert "by Ana (in error)" in second.stdout
        assert documents["extension"].count_documents({"void_of": extension.id}) == 1

    @pytest.mark.parametrize(("status", "why"), [("pending", "It is pending"), ("rejected", "It is rejected")])
    def test_what_is_not_given_is_refused(self, flask: Run, record: Record, status: str, why: str) -> None:
        ended = flask("extension", "void", str(record(status=status).id), "--reason", "r")

        assert ended.status == 1
        assert why in ended.stderr

    def test_a_void_is_not_voided(self, documents: Documents, flask: Run, record: Record) -> None:
        extension = record(status="done", due=None)
        void = flask("extension", "void", str(extension.id), "--reason", "r", "--json").json["void"]["id"]

        assert (
            f"It is the void of extension {extension.id}." in flask("extension", "void", void, "--reason", "r").stderr
        )

    def test_what_became_of_it_is_shown_with_its_extension(
        self, documents: Documents, flask: Run, record: Record
    ) -> None:
        extension = record(status="done", due=None)
        void = flask("extension", "void", str(extension.id), "--reason", "r", "--json").json["void"]["id"]
        rejected = {"status": "rejected", "reason": {"code": "viewers_unreadable", "detail": ""}}
        documents["extension"].update_one({"void_of": extension.id}, {"$set": rejected})

        shown = flask("extension", "show", str(extension.id), "--json").json

        assert (shown["voided_at"], shown["taken_back"]) == (None, None)
        assert (shown["void"]["id"], shown["void"]["status"], shown["void"]["reason"]) == (
            void,
            "rejected",
            "viewers_unreadable",
        )
        assert flask("extension", "redrive", void, "--reason", "mended").status == 0


class TestFollow:
    @pytest.mark.parametrize(("status", "ends_with"), [("done", 0), ("rejected", 3), ("applied", 4)])
    def test_its_exit_status_says_how_it_was_settled(
        self, flask: Run, record: Record, status: str, ends_with: int
    ) -> None:
        ended = flask("extension", "follow", str(record(status=status, due=None).id), "--json")

        assert ended.status == ends_with
        assert ended.json["status"] == status

    def test_it_waits_until_nothing_more_is_to_be_done(
        self, documents: Documents, flask: Run, record: Record, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        extension = record()

        def settle(_seconds: float) -> None:
            change(documents, extension, {"$set": {"status": "done"}, "$unset": {"due": ""}})

        # Between two looks; for this command alone.
        clock = SimpleNamespace(sleep=settle, strftime=time.strftime)
        monkeypatch.setattr(import_module("swag_goals.commands.extension"), "time", clock)

        ended = flask("extension", "follow", str(extension.id))

        assert ended.status == 0
        assert [line.split()[-1] for line in ended.stderr.splitlines()] == ["pending", "done"]
