"""Every query of the program uses an index, as mongod itself reports of the queries that came.

The whole system runs under mongod's profiler while it is used in every way: its web, its worker,
its sweeper and its commands.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from swag_goals import migrations
from tests import factories
from tests.eventually import eventually

# They are small and asked for as a whole.
READ_WHOLE = {"revoked_token", migrations.COLLECTION}
STEPS = [migrations.load(step) for step in sorted(migrations.FOLDER.glob("[0-9]*.py"))]
COMMANDS = """
import json, sys
from wsgi import app
for args in json.load(sys.stdin):
    with app.app_context():
        result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code in (0, 1), (args, result.output)
    assert isinstance(result.exception, SystemExit | None), (args, result.exception)
"""


@pytest.fixture(scope="module")
def profile(stack: Stack, database: Database[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """What mongod did for the program while all of it was used."""
    database.command("profile", 0)
    database.drop_collection("system.profile")
    database.create_collection("system.profile", capped=True, size=32 * 1024 * 1024)
    database.command("profile", 2)
    try:
        use_everything(stack, database)
        database.command("profile", 0)
        ours = {"appName": "swag_goals", "ns": {"$ne": f"{database.name}.system.profile"}}
        yield list(database["system.profile"].find(ours))
    finally:
        database.command("profile", 0)


def use_everything(stack: Stack, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    without_session = factories.OneToOne()
    factories.goal(database, without_session)
    extended = [factories.extend(stack, one).body["id"] for _ in range(3)]
    rejected = factories.extend(stack, without_session).body["id"]
    factories.extend(stack, one, key="again")
    factories.extend(stack, one, key="again")
    factories.extend(stack, factories.OneToOne())
    eventually(lambda: statuses(database, extended) == {"done"} and statuses(database, [rejected]) == {"rejected"})
    read_everything(stack, one, extended[0])
    # As if all of it had been long ago, for the sweeper to come now.
    long_ago = [{"$set": {name: {"$subtract": [f"${name}", 60_000]} for name in ("release_at", "due", "deadline")}}]
    database["extension"].update_one({"_id": ObjectId(extended[0])}, [long_ago[0], {"$unset": ["due"]}])
    database["extension"].update_one({"_id": ObjectId(rejected)}, [long_ago[0], {"$unset": ["release_at"]}])
    eventually(lambda: not database["extension"].find_one({"_id": ObjectId(extended[0]), "release_at": {"$ne": None}}))
    eventually(lambda: not database["extension"].find_one({"_id": ObjectId(rejected), "due": {"$ne": None}}))
    run_everything(stack, one, extended[0], rejected)


def statuses(database: Database[dict[str, Any]], ids: list[str]) -> set[str]:
    return set(database["extension"].distinct("status", {"_id": {"$in": list(map(ObjectId, ids))}}))


def read_everything(stack: Stack, one: factories.OneToOne, extension_id: str) -> None:
    streamer = factories.token(stack.settings, one.streamer_id)
    viewer = factories.token(stack.settings, one.viewers[0])
    page = factories.call(stack, "GET", f"/goals/{one.goal_id}/extensions?limit=1", streamer)
    for path, token in (
        (f"/goals/{one.goal_id}/extensions?limit=1&cursor={page.body['next']}", streamer),
        (f"/goals/{one.goal_id}/extensions/{extension_id}", streamer),
        (f"/goals/{factories.new_id()}/extensions", streamer),
        (f"/sessions/{one.session_id}/permissions", streamer),
        (f"/sessions/{one.session_id}/permissions/me", viewer),
        ("/goals", streamer),
        ("/readyz", viewer),
    ):
        assert factories.call(stack, "GET", path, token).status in (200, 404)


def run_everything(stack: Stack, one: factories.OneToOne, extension_id: str, rejected_id: str) -> None:
    commands = [
        ["migrate"],
        ["doctor"],
        ["token", "revoke", "a"],
        ["goal", "show", one.goal_id],
        ["session", "show", one.session_id],
        ["permission", "show", one.session_id, one.viewers[0]],
        ["extend", one.goal_id, "--reason", "r"],
        ["compensate", "--name", "n", "--seconds", "60", "--running", "--dry-run", "--reason", "r"],
        ["extension", "show", extension_id],
        ["extension", "follow", extension_id],
        ["extension", "list"],
        ["extension", "list", "--status", "done"],
        ["extension", "overdue"],
        ["extension", "void", extension_id, "--reason", "r"],
        ["extension", "export"],
        ["extension", "export", "--since", "2026-01-31"],
        ["audit"],
        ["audit", "--since", "2026-01-31"],
        ["audit", "--session", one.session_id],
        ["extension", "redrive", rejected_id, "--reason", "r"],
    ]
    environment = procfile.environment(stack.settings)
    subprocess.run(
        [sys.executable, "-c", COMMANDS], cwd=ROOT, env=environment, input=json.dumps(commands), text=True, check=True
    )


def test_no_query_scans_a_collection(profile: list[dict[str, Any]]) -> None:
    scans = [op for op in profile if "COLLSCAN" in op.get("planSummary", "")]

    assert [op["command"] for op in scans if op["ns"].partition(".")[2] not in READ_WHOLE] == []
    assert [op["command"] for op in scans if op["command"].get("filter")] == []


def test_every_index_is_used_by_some_query(profile: list[dict[str, Any]]) -> None:
    used = " ".join({op.get("planSummary", "") for op in profile})

    assert {index: keys for index, keys in index_keys().items() if keys not in used} == {}


def index_keys() -> dict[str, str]:
    """By its name, each index of the migrations as mongod's plans write it; without the one of mongod's own thread."""
    built = [index.document for step in STEPS for indexes in step.get("INDEXES", {}).values() for index in indexes]
    return {
        index["name"]: f"{{ {', '.join(f'{field}: {way}' for field, way in index['key'].items())} }}"
        for index in built
        if "expireAfterSeconds" not in index
    }


def test_the_whole_program_was_seen(profile: list[dict[str, Any]]) -> None:
    assert {op["ns"].partition(".")[2] for op in profile} >= {"goal", "session", "extension", "revoked_token"}
