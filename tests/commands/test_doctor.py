"""`flask doctor` says what is wrong and what to do, also where nothing else of the program starts."""

import json
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from tests.eventually import eventually

Ended = subprocess.CompletedProcess[str]


def run(settings: Mapping[str, str], *words: str, typed: str = "", folder: Path = ROOT) -> Ended:
    """Run `flask ...` of the program in that folder with these settings, and this on its standard input."""
    environment, command = procfile.environment(settings), ["flask", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, input=typed, check=False
    )


def wrong(ended: Ended) -> list[str]:
    """What it found to be wrong."""
    return [finding["says"] for finding in json.loads(ended.stdout) if not finding["well"]]


@pytest.fixture
def bare(servers: Stack) -> dict[str, str]:
    """The settings of running servers that nobody has used yet."""
    uri, _, options = servers.settings["MONGODB_URI"].partition("?")
    return servers.settings | {
        "MONGODB_URI": f"{uri}_bare?{options}",
        "REDIS_URL": f"{servers.settings['REDIS_URL'][:-1]}7",
    }


def test_nothing_is_wrong_with_a_system_that_runs(stack: Stack) -> None:
    # A sweeper that other tests have stopped may only just be back.
    eventually(lambda: wrong(run(stack.settings, "doctor", "--json")) == [])


def test_it_says_what_is_missing_and_how_to_bring_it(bare: dict[str, str]) -> None:
    ended = run(bare, "doctor")

    assert ended.returncode == 1
    lines = [line for line in ended.stdout.splitlines() if line.startswith("wrong")]
    assert [line.split()[1] for line in lines] == ["Migrations", "Indexes", "Workers:", "Sweepers:"]
    assert lines[0].endswith("Run: flask migrate")
    assert lines[2].endswith("Start one: flask work.")
    assert lines[3].endswith("Start one: flask sweep.")


def test_it_looks_at_the_rest_where_some_settings_are_wrong(bare: dict[str, str]) -> None:
    ended = run(bare | {"MONGODB_URI": "mongodb://no-database", "JWT_KEYS": "{}"}, "doctor", "--json")

    assert ended.returncode == 1
    says = [finding["says"] for finding in json.loads(ended.stdout)]
    assert [each.split()[0] for each in wrong(ended)] == ["MONGODB_URI", "JWT_KEYS", "Workers:", "Sweepers:"]
    assert "Pusher takes signed calls." in says


def test_it_names_servers_that_do_not_answer(bare: dict[str, str]) -> None:
    pusher = bare["PUSHER_URL"].replace("@", "-not-the-secret@")
    dead = {"MONGODB_URI": "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=1", "REDIS_URL": "redis://127.0.0.1:1"}

    ended = run(bare | dead | {"PUSHER_URL": pusher}, "doctor", "--json")

    assert [each.partition(" (")[0] for each in wrong(ended)] == [
        "No primary of MongoDB answers",
        "Redis does not answer",
        "Pusher does not take a signed call",
    ]
    assert "not-the-secret" not in ended.stdout + ended.stderr


def test_a_wrong_setting_stops_every_other_command_with_a_sentence(bare: dict[str, str]) -> None:
    ended = run(bare | {"REDIS_URL": "redis-at-home"}, "migrate")

    assert ended.returncode != 0
    assert ended.stderr.startswith("swag_goals cannot start. REDIS_URL is wrong: ")
    assert "redis-at-home" not in ended.stderr


def test_migrate_says_what_it_would_do_does_it_and_has_nothing_more_to_do(bare: dict[str, str]) -> None:
    settings = bare | {"MONGODB_URI": bare["MONGODB_URI"].replace("_bare", f"_{uuid.uuid4().hex}")}

    dry, first, second = (run(settings, "migrate", *words) for words in (["--dry-run"], [], []))

    assert [ended.returncode for ended in (dry, first, second)] == [0, 0, 0]
    assert dry.stdout.startswith("Would run 2026_11_22_indexes: The indexes that every query")
    assert "2026_11_22_indexes: extension has unfinished" in first.stderr
    assert second.stdout == "Nothing to do: the database has seen every step.\n"


BROKEN = {
    "no Python": ("def up(", "line 1: SyntaxError"),
    "fails as it is read": ("x = 1\ny = x / 0", "line 2: ZeroDivisionError"),
}


@pytest.mark.parametrize(("step", "where"), BROKEN.values(), ids=BROKEN)
def test_a_migration_that_cannot_be_read_is_one_sentence_for_it_and_for_migrate(
    bare: dict[str, str], tmp_path: Path, step: str, where: str
) -> None:
    shutil.copytree(ROOT / "swag_goals", tmp_path / "swag_goals")
    shutil.copy(ROOT / "wsgi.py", tmp_path)
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "2026_01_01_broken.py").write_text(step)

    commands = (["doctor"], ["migrate", "--dry-run"], ["migrate"])
    examined, dry, done = (run(bare, *words, folder=tmp_path) for words in commands)

    assert f"A migration cannot be read: 2026_01_01_broken, {where}" in examined.stdout
    assert "Pusher takes signed calls." in examined.stdout
    for ended in (dry, done):
        assert ended.returncode == 1
        assert f"Error: A step failed: 2026_01_01_broken, {where}" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_the_shell_has_documents_and_services_at_hand_and_says_so(bare: dict[str, str], tmp_path: Path) -> None:
    # Python writes down in HOME what was typed.
    ended = run(
        bare | {"HOME": str(tmp_path)}, "shell", typed="print(Extension.objects.count(), extend_goal.__name__)\n"
    )

    assert "0 extend_goal" in ended.stdout
    assert "Documents: Goal, ExclusiveGoal, Session, Extension, RevokedToken." in ended.stderr
