"""`flask extension export`: windows joined are the ledger, each extension once, for billing."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import randrange
from typing import Any, NoReturn

import pytest
from bson import ObjectId
from pymongo.database import Database

from swag_goals.commands.extension import all_of
from swag_goals.documents import ledger_stream
from swag_goals.documents.extension import Extension
from swag_goals.times import iso
from tests import factories
from tests.commands.conftest import Ended, Run, cut_off

Documents = Database[dict[str, Any]]


class Hour:
    """An hour long ago in which nobody else's extension was requested."""

    def __init__(self, documents: Documents) -> None:
        self.begins = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(hours=randrange(100_000))
        self._documents = documents

    def at(self, minute: int) -> datetime:
        return self.begins + timedelta(minutes=minute)

    def record(self, minute: int, **fields: Any) -> Extension:
        """Record an extension that was requested then, with these fields of the ledger."""
        extension = factories.recorded(factories.one_to_one(self._documents))
        extension.requested_at = self.at(minute)
        self._documents["extension"].update_one(
            {"_id": extension.id}, {"$set": {"requested_at": extension.requested_at, **fields}}
        )
        return extension

    def window(self, since: int = 0, until: int = 60) -> list[str]:
        return ["--since", iso(self.at(since)), "--until", iso(self.at(until))]


@pytest.fixture
def hour(documents: Documents) -> Hour:
    return Hour(documents)


def ids(ended: Ended) -> list[str]:
    return [json.loads(line)["id"] for line in ended.stdout.splitlines()]


def test_a_line_is_what_is_shown_of_the_extension(hour: Hour, flask: Run) -> None:
    operation = {"at": hour.at(0), "by": "Ana", "why": "ein Ausfall, 停電", "what": "extend"}
    extension = hour.record(0, operations=[operation])

    (line,) = flask("extension", "export", *hour.window()).stdout.splitlines()

    assert (
        json.loads(line) | {"void_of": None, "void": None}
        == flask("extension", "show", str(extension.id), "--json").json
    )


def test_windows_one_after_another_give_each_once_in_order(hour: Hour, flask: Run) -> None:
    recorded = [hour.record(minute) for minute in (3, 1, 2, 1, 0, 1, 2)]

    one = ids(flask("extension", "export", *hour.window()))
    several = [
        each for minute in range(4) for each in ids(flask("extension", "export", *hour.window(minute, minute + 1)))
    ]

    assert one == several == [str(each.id) for each in sorted(recorded, key=lambda each: (each.requested_at, each.id))]


def test_after_a_failover_it_goes_on_behind_what_was_written(
    hour: Hour, flask: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minute in (0, 1, 1, 2, 3):
        hour.record(minute)
    one = ids(flask("extension", "export", *hour.window()))

    monkeypatch.setattr(ledger_stream, "resumed", cut_off)

    assert len(one) == 5
    assert ids(flask("extension", "export", *hour.window())) == one


def test_the_next_one_never_begins_before_this_one(hour: Hour, flask: Run) -> None:
    ended = flask("extension", "export", "--since", iso(hour.at(9)), "--until", iso(hour.at(3)), "--json")

    assert (ids(ended), json.loads(ended.stderr)["next_since"]) == ([], iso(hour.at(9)))


def test_what_may_still_get_company_from_behind_is_left_to_the_next_one(documents: Documents, flask: Run) -> None:
    fresh = factories.recorded(factories.one_to_one(documents))
    since = iso(fresh.requested_at)

    first = flask("extension", "export", "--since", since, "--until", iso(fresh.requested_at + timedelta(1)), "--json")
    assert (ids(first), json.loads(first.stderr)["next_since"]) == ([], since)

    factories.moved(fresh, "requested_at", by=-31)
    since = iso(fresh.requested_at)
    second = flask("extension", "export", "--since", since, "--json")
    assert str(fresh.id) in ids(second)
    assert since < json.loads(second.stderr)["next_since"] < iso(factories.seconds_from_now(-29))


def test_voids_are_no_lines(hour: Hour, flask: Run) -> None:
    extension = hour.record(0)
    hour.record(1, void_of=extension.id)

    assert ids(flask("extension", "export", *hour.window())) == [str(extension.id)]


def test_a_paid_extension_is_a_line_whatever_was_noted_beside_it(hour: Hour, flask: Run) -> None:
    extension = hour.record(0, operations=[1])

    assert ids(flask("extension", "export", *hour.window())) == [str(extension.id)]


NAN = {"0" * 24: {"nbf": None, "duration": float("nan"), "exp": None}}


@pytest.mark.parametrize("mangle", [{"viewers": "everybody"}, {"before": NAN}, {"duration": "60"}], ids=str)
def test_one_that_cannot_be_read_is_named_and_keeps_no_other_back(
    hour: Hour, flask: Run, mangle: dict[str, Any]
) -> None:
    bad = hour.record(1, **mangle)
    good = hour.record(2)

    ended = flask("extension", "export", *hour.window(1), "--json")

    assert (ended.status, ids(ended)) == (1, [str(good.id)])
    named, summary = ended.stderr.splitlines()
    assert str(bad.id) in named
    assert json.loads(summary) == {"exported": 1, "unreadable": 1, "next_since": iso(hour.at(60))}


def test_csv_holds_the_same(hour: Hour, flask: Run, tmp_path: Path) -> None:
    hour.record(0, reason={"code": "session_missing", "detail": 'with a comma, a "quote" and a\nline'})
    (line,) = flask("extension", "export", *hour.window()).stdout.splitlines()
    record, file = json.loads(line), tmp_path / "export.csv"

    flask("extension", "export", *hour.window(), "--format", "csv", "--output", str(file))

    text = file.read_bytes().decode()
    assert text.count("\r\n") == text.count("\n") == 2
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert header == list(record)
    assert dict(zip(header, map(parsed, row), strict=True)) == record


def parsed(cell: str) -> Any:
    """JSON where it is some, nothing where it is null."""
    return None if cell == "" else json.loads(cell) if cell[0] in "[{" or (cell.isdigit() and len(cell) < 24) else cell


def test_csv_of_nothing_is_its_header(hour: Hour, flask: Run) -> None:
    (header,) = flask("extension", "export", *hour.window(), "--format", "csv").stdout.splitlines()

    assert header.split(",")[:3] == ["id", "goal_id", "session_id"]


def test_a_file_takes_its_name_when_it_is_whole(
    hour: Hour, flask: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extension, file = hour.record(0), tmp_path / "export.ndjson"
    write = ["extension", "export", *hour.window(), "--output", str(file)]
    assert flask(*write).status == 0
    assert json.loads(file.read_text())["id"] == str(extension.id)

    hour.record(1)
    with monkeypatch.context() as patch:
        patch.setattr(ledger_stream, "attributes", interrupted)
        assert flask(*write).status == 1

    assert json.loads(file.read_text())["id"] == str(extension.id)
    assert list(tmp_path.iterdir()) == [file]


def interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("/nowhere/at/all", "'/nowhere/at/all': No such file"),
        ("/dev/full", "Not all of it is written: No space left"),
        ("/dev", "Not all of it is written: Is a directory"),
    ],
)
def test_where_it_cannot_be_written_a_sentence_says_so_and_not_where_the_next_one_begins(
    hour: Hour, flask: Run, output: str, said: str
) -> None:
    hour.record(0)

    ended = flask("extension", "export", *hour.window(), "--output", output)

    (sentence,) = ended.stderr.splitlines()
    assert (ended.status, sentence[:5]) == (1, "Error")
    assert said in sentence


@pytest.mark.parametrize("time", ["yesterday", "2026-02-30", "12:00"])
def test_a_time_that_is_none_is_a_wrong_use(flask: Run, time: str) -> None:
    ended = flask("extension", "export", "--since", time)

    assert (ended.status, "give a time" in ended.stderr) == (2, True)


@pytest.mark.parametrize("zone", ["", "Z", "+00:00"])
def test_a_time_is_in_utc_unless_it_says_a_zone(hour: Hour, flask: Run, zone: str) -> None:
    extension = hour.record(0)
    since = hour.begins.strftime("%Y-%m-%dT%H:%M:%S") + zone

    assert ids(flask("extension", "export", "--since", since, "--until", iso(hour.at(1)))) == [str(extension.id)]


def test_the_light_attributes_of_a_record_are_those_of_its_document(hour: Hour, documents: Documents) -> None:
    extension = hour.record(0, due=None, permissions={str(ObjectId()): factories.permission()})
    row = documents["extension"].find_one({"_id": extension.id})
    assert row

    assert all_of(ledger_stream.attributes(row)) == all_of(Extension.load(row))
