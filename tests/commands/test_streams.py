"""Every command ends as Unix tools do where nobody reads what it prints, and says what it cannot print."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from tests import factories
from tests.factories import OneToOne

Documents = Database[dict[str, Any]]
Ended = subprocess.CompletedProcess[str]

PRINTING = [
    "audit --session {session}",
    "compensate --name n --seconds 60 --reason r --goal {goal} --dry-run",
    "doctor",
    "extension export",
    "extension follow {rejected}",
    "extension list",
    "extension list --json",
    "goal show {goal}",
    "token mint --sub {viewer}",
]


def run(servers: Stack, command: str, **streams: Any) -> Ended:
    """Run `flask ...`, as a shell has it."""
    environment = procfile.environment(servers.settings)
    words = ["sh", "-c", f"exec flask {command}"]
    return subprocess.run(words, cwd=ROOT, env=environment, text=True, check=False, **streams)


@pytest.fixture
def one(documents: Documents) -> OneToOne:
    return factories.one_to_one(documents)


@pytest.fixture
def ids(documents: Documents, one: OneToOne) -> dict[str, str]:
    documents["extension"].delete_many({})  # an export would speak of those that others have spoilt
    rejected = factories.recorded(one)
    factories.moved(rejected, "requested_at", by=-60)  # an export has it
    settled = {
        "$set": {"status": "rejected", "reason": {"code": "session_missing", "detail": ""}},
        "$unset": {"due": 1},
    }
    documents["extension"].update_one({"_id": rejected.id}, settled)
    return {
        "goal": one.goal_id, "session": one.session_id, "viewer": one.viewers[0], "rejected": str(rejected.id),
    }  # fmt: skip


@pytest.fixture
def unread() -> Iterator[int]:
    """A pipe whose reader is gone."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize("command", PRINTING)
def test_it_ends_quietly_where_the_reader_is_gone(
    servers: Stack, ids: dict[str, str], unread: int, command: str
) -> None:
    ended = run(servers, command.format(**ids), stdout=unread, stderr=subprocess.PIPE)

    assert (ended.returncode, "Traceback" in ended.stderr, "Error" in ended.stderr) == (141, False, False)


def test_it_says_what_it_cannot_print_and_does_not_say_where_the_next_export_begins(
    servers: Stack, ids: dict[str, str]
) -> None:
    for command in ("extension export", "extension list", "goal show {goal}"):
        ended = run(servers, f"{command.format(**ids)} > /dev/full", stderr=subprocess.PIPE)

        assert (ended.returncode, ended.stderr) == (1, "Error: Not all of it is written: No space left on device.\n")


@pytest.mark.parametrize("command", ["doctor", "extension export", "extension list"])
def test_without_a_standard_output_it_does_nothing_and_says_so(
    servers: Stack, ids: dict[str, str], command: str
) -> None:
    ended = run(servers, f"{command.format(**ids)} >&-", stderr=subprocess.PIPE)

    (said,) = ended.stderr.splitlines()
    assert (ended.returncode, "The standard output is closed; nothing was done." in said) == (1, True)


def test_an_extension_is_not_given_without_a_standard_output(
    servers: Stack, documents: Documents, one: OneToOne
) -> None:
    assert run(servers, f"extend {one.goal_id} --reason r >&-", stderr=subprocess.DEVNULL).returncode == 1
    assert documents["extension"].count_documents({"goal_id": ObjectId(one.goal_id)}) == 0


@pytest.mark.parametrize("closed", ["2>&-", "2> /dev/full"])
def test_what_is_said_beside_may_get_lost(servers: Stack, ids: dict[str, str], closed: str) -> None:
    ended = run(servers, f"extension export {closed}", stdout=subprocess.PIPE)

    assert ids["rejected"] in ended.stdout


def test_the_reader_of_progress_may_be_gone_as_well(servers: Stack, ids: dict[str, str], unread: int) -> None:
    ended = run(servers, f"extension follow {ids['rejected']}", stdout=subprocess.PIPE, stderr=unread)

    assert ended.returncode == 141
