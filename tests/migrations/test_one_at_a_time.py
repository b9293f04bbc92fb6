"""Steps run once, in their order, by one process at a time, and again after a kill."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from dev.stack.stack import Stack
from swag_goals import migrations
from tests.eventually import eventually
from tests.migrations.process import LEASE

Start = Callable[[], "subprocess.Popen[str]"]

# Doubles every `amount` once, in ten steps, and waits after the first until it is let go on.
DOUBLE = """
    import time

    def up(database, report):
        database.runs.insert_one({})
        twice = [{"$set": {"amount": {"$multiply": ["$amount", 2]}, "doubled": True}}]
        for number in range(10):
            database.rows.update_many({"batch": number, "doubled": None}, twice)
            while number == 0 and not database.gate.find_one({"_id": "open"}):
                time.sleep(0.02)
            report(f"{number + 1} of 10")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2026_01_01_double.py").write_text(textwrap.dedent(DOUBLE))
    return tmp_path


@pytest.fixture
def start(servers: Stack, empty: Database[dict[str, Any]], folder: Path) -> Iterator[Start]:
    """Start another process that migrates."""
    uri = servers.settings["MONGODB_URI"]
    command = [sys.executable, "-m", "tests.migrations.process", uri, empty.name, str(folder)]
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    empty["rows"].insert_many([{"batch": number % 10, "amount": number} for number in range(100)])
    yield start
    for process in started:
        process.kill()
        process.communicate()


def is_half_way(database: Database[dict[str, Any]]) -> bool:
    return bool(database["rows"].count_documents({"doubled": True}))


def open_gate(database: Database[dict[str, Any]]) -> None:
    database["gate"].insert_one({"_id": "open"})


def amounts(database: Database[dict[str, Any]]) -> list[int]:
    return sorted(row["amount"] for row in database["rows"].find())


def test_a_second_process_waits_and_finds_it_done(empty: Database[dict[str, Any]], start: Start) -> None:
    first = start()
    eventually(lambda: is_half_way(empty))
    second = start()
    assert second.stdout
    assert second.stdout.readline().startswith("Waiting for process")

    open_gate(empty)

    assert first.wait(60) == second.wait(60) == 0
    assert empty["runs"].count_documents({}) == 1
    assert amounts(empty) == [2 * number for number in range(100)]


def test_a_step_that_was_killed_half_way_is_finished_by_the_next_process(
    empty: Database[dict[str, Any]], start: Start, folder: Path
) -> None:
    first = start()
    eventually(lambda: is_half_way(empty))
    first.kill()
    first.wait()
    assert migrations.pending(empty, folder)

    open_gate(empty)

    assert start().wait(60) == 0
    assert empty["runs"].count_documents({}) == 2
    assert amounts(empty) == [2 * number for number in range(100)]
    assert migrations.pending(empty, folder) == []


def test_a_process_that_was_frozen_for_too_long_gives_up(empty: Database[dict[str, Any]], start: Start) -> None:
    first = start()
    eventually(lambda: is_half_way(empty))
    first.send_signal(signal.SIGSTOP)
    second = start()
    eventually(lambda: empty["runs"].count_documents({}) == 2, within=30 * LEASE)

    first.send_signal(signal.SIGCONT)
    open_gate(empty)

    assert "LeaseLost" in first.communicate(timeout=60)[1]
    assert second.wait(60) == 0
    assert amounts(empty) == [2 * number for number in range(100)]


def test_a_process_that_was_frozen_gives_nobody_elses_turn_back(empty: Database[dict[str, Any]]) -> None:
    with migrations._Lease(empty).held(print):
        empty[migrations.COLLECTION].update_one({"_id": "lease"}, {"$set": {"holder": "another"}})

    lease = empty[migrations.COLLECTION].find_one({"_id": "lease"})
    assert lease
    assert lease["holder"] == "another"


def test_its_turn_is_kept_though_mongodb_is_away_for_a_moment(
    empty: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = migrations._Lease.hold
    tries: list[None] = []

    def hold(lease: migrations._Lease) -> str | None:
        tries.append(None)
        if len(tries) == 2:
            raise AutoReconnect
        return held(lease)

    monkeypatch.setattr(migrations, "RENEWED_EVERY", 0.01)
    monkeypatch.setattr(migrations._Lease, "hold", hold)

    with migrations._Lease(empty).held(print):
        eventually(lambda: len(tries) > 4)


def test_that_mongodb_is_away_is_no_fault_of_the_step(empty: Database[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "2026_01_01_away.py").write_text(
        "from pymongo.errors import AutoReconnect\ndef up(database, report): raise AutoReconnect('no primary')"
    )

    with pytest.raises(AutoReconnect):
        migrations.run(empty, folder=tmp_path)


def test_a_step_that_fails_is_not_recorded_and_keeps_nobody_waiting(
    empty: Database[dict[str, Any]], tmp_path: Path
) -> None:
    step = tmp_path / "2026_01_01_fails.py"
    step.write_text("def up(database, report): raise ZeroDivisionError")
    with pytest.raises(migrations.StepFailed, match="2026_01_01_fails, line 1: ZeroDivisionError"):
        migrations.run(empty, folder=tmp_path)
    assert migrations.pending(empty, tmp_path) == [step]

    step.write_text("def up(database, report): report('mended')")
    said: list[str] = []
    migrations.run(empty, said.append, tmp_path)

    assert said == ["2026_01_01_fails", "2026_01_01_fails: mended"]


def test_a_step_without_up_is_said_to_have_none(empty: Database[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "2026_01_01_empty.py").write_text("")

    with pytest.raises(migrations.StepFailed, match=r"2026_01_01_empty, line .*KeyError: 'up'"):
        migrations.run(empty, folder=tmp_path)


def test_steps_run_in_the_order_of_their_dates(empty: Database[dict[str, Any]], tmp_path: Path) -> None:
    for name in ("2026_02_01_b", "2027_01_01_c", "2026_01_31_a", "notes"):
        (tmp_path / f"{name}.py").write_text("def up(database, report): pass")
    said: list[str] = []

    migrations.run(empty, said.append, tmp_path)

    assert said == ["2026_01_31_a", "2026_02_01_b", "2027_01_01_c"]


def test_without_its_folder_it_does_not_say_that_all_is_done(empty: Database[dict[str, Any]], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        migrations.pending(empty, tmp_path / "nowhere")


def test_a_step_may_take_longer_than_a_request(servers: Stack, empty: Database[dict[str, Any]], tmp_path: Path) -> None:
    slow = {"$function": {"body": "function() { sleep(1000); return true }", "args": [], "lang": "js"}}
    (tmp_path / "2026_01_01_slow.py").write_text(
        f"def up(database, report): list(database.rows.aggregate([{{'$set': {{'slept': {slow!r}}}}}]))"
    )
    empty["rows"].insert_one({})
    with MongoClient[dict[str, Any]](servers.settings["MONGODB_URI"], timeoutMS=500) as impatient:
        migrations.run(impatient[empty.name], folder=tmp_path)
