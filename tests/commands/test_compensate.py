"""`flask compensate`: time for many goals at once, each once under a name, stopped and run again at will."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.documents.goal import ExclusiveGoal
from swag_goals.queue.extensions import extensions_queue
from swag_goals.services.extend_goal import extend_goal
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT
from tests import factories
from tests.commands.conftest import Run
from tests.factories import OneToOne, new_id

Documents = Database[dict[str, Any]]
Compensate = Callable[..., Any]


@pytest.fixture
def compensate(flask: Run, servers: Stack) -> Compensate:
    """Run it with `--json`; no worker is here, for whom it would wait while many jobs do."""
    with connect_redis(servers.settings["REDIS_URL"], WORKER_REDIS_TIMEOUT) as connection:
        extensions_queue(connection).empty()
    return lambda *words: flask("compensate", "--reason", "an outage", "--by", "Ana", "--json", *words)


@pytest.fixture
def name() -> str:
    return f"outage-{new_id()}"


def words(name: str, goals: list[OneToOne], seconds: int = 300) -> list[str]:
    return ["--name", name, "--seconds", str(seconds), *(word for one in goals for word in ("--goal", one.goal_id))]


def of_goal(documents: Documents, one: OneToOne) -> list[dict[str, Any]]:
    return list(documents["extension"].find({"goal_id": ObjectId(one.goal_id)}))


def unfit(documents: Documents) -> dict[str, str]:
    """Goals that cannot be extended, each in its way, to why."""
    found: dict[str, str] = {new_id(): "there is no such exclusive goal"}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"active": False}, "it is not active, or names no streamer"),
        ({"metadata": {}}, "it is not active, or names no streamer"),
        ({"context": {}}, "its context names no session"),
    ]
    for changes, why in cases:
        one = OneToOne()
        factories.goal(documents, one, **changes)
        found[one.goal_id] = why
    return found


def test_each_goal_is_extended_once_by_its_seconds_with_who_and_why(
    documents: Documents, compensate: Compensate, name: str
) -> None:
    goals = [factories.one_to_one(documents, count=count) for count in (1, 2, 3)]

    ended = compensate(*words(name, goals))

    assert ended.status == 0, ended.stderr
    assert {key: ended.json[key] for key in ("goals", "viewers", "seconds_in_all")} == {
        "goals": 3,
        "viewers": 6,
        "seconds_in_all": 1800,
    }
    for one in goals:
        (extension,) = of_goal(documents, one)
        (operation,) = extension["operations"]
        assert (extension["duration"], extension["key"]) == (300, f"compensate:{name}")
        assert (operation["what"], operation["by"], operation["why"]) == ("compensate", "Ana", "an outage")


def test_run_five_times_it_gives_once_and_says_the_same(
    documents: Documents, compensate: Compensate, name: str
) -> None:
    goals = [factories.one_to_one(documents) for _ in range(3)]
    refused = [word for goal in unfit(documents) for word in ("--goal", goal)]

    said = [compensate(*words(name, goals), *refused).json for _ in range(5)]

    assert said == [said[0]] * 5
    assert [len(of_goal(documents, one)) for one in goals] == [1, 1, 1]


def test_a_dry_run_says_what_would_be_given_and_what_cannot_be_and_gives_nothing(
    documents: Documents, compensate: Compensate, name: str
) -> None:
    goals = [factories.one_to_one(documents, count=2) for _ in range(2)]
    without_session = OneToOne()
    factories.goal(documents, without_session)
    refused = unfit(documents) | {without_session.goal_id: "The session does not exist."}

    said = compensate("--dry-run", *words(name, goals), *(word for goal in refused for word in ("--goal", goal))).json

    assert (said["goals"], said["viewers"], said["seconds_in_all"], said["still_to_extend"]) == (2, 4, 1200, 2)
    assert {each["goal_id"]: each["why"] for each in said["not_extended"]} == refused
    assert [of_goal(documents, one) for one in goals] == [[], []]


def test_those_that_cannot_be_extended_are_named_with_why_and_not_recorded(
    documents: Documents, compensate: Compensate, name: str
) -> None:
    one, without_session = factories.one_to_one(documents), OneToOne()
    factories.goal(documents, without_session)
    refused = unfit(documents) | {without_session.goal_id: "The session does not exist."}

    said = compensate(*words(name, [one]), *(word for goal in refused for word in ("--goal", goal))).json

    assert (said["goals"], said["still_to_extend"]) == (1, 0)
    assert {each["goal_id"]: each["why"] for each in said["not_extended"]} == refused
    assert of_goal(documents, without_session) == []


def test_those_that_the_worker_rejects_are_named_with_why(
    documents: Documents, compensate: Compensate, name: str
) -> None:
    one = factories.one_to_one(documents)
    compensate(*words(name, [one]))
    rejected = {"status": "rejected", "reason": {"code": "duration_too_long", "detail": ""}}
    documents["extension"].update_one({"goal_id": ObjectId(one.goal_id)}, {"$set": rejected})

    said = compensate(*words(name, [one])).json

    assert said["goals"] == 0
    assert said["not_extended"] == [{"goal_id": one.goal_id, "why": "A viewer's duration would exceed MAX_DURATION."}]


def test_all_running_goals_are_those_that_are_active_and_exclusive(documents: Documents) -> None:
    one, ended, other, odd = factories.one_to_one(documents), OneToOne(), OneToOne(), OneToOne()
    factories.goal(documents, ended, active=False)
    factories.goal(documents, other, _cls="Goal.Karaoke")
    factories.goal(documents, odd, active=[True])

    running = {str(goal.id) for goal in ExclusiveGoal.all_running()}

    assert one.goal_id in running
    assert running.isdisjoint({ended.goal_id, other.goal_id, odd.goal_id})


def test_stopped_half_way_it_says_so_and_goes_on_where_it_stopped(
    documents: Documents, compensate: Compensate, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    goals = [factories.one_to_one(documents) for _ in range(4)]
    asked: list[str] = []

    def stop_at_the_third(goal_id: str, *args: Any, **kwargs: Any) -> Extension:
        asked.append(goal_id)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return extend_goal(goal_id, *args, **kwargs)

    monkeypatch.setattr(import_module("swag_goals.services.compensate"), "extend_goal", stop_at_the_third)
    stopped = compensate(*words(name, goals))
    went_on = compensate(*words(name, goals))

    assert (stopped.status, stopped.stdout) == (1, "")
    assert "The same command goes on" in stopped.stderr
    assert asked[3:] == [one.goal_id for one in goals[2:]]
    assert went_on.json["goals"] == 4
    assert [len(of_goal(documents, one)) for one in goals] == [1] * 4


def test_a_name_stands_for_one_number_of_seconds(documents: Documents, compensate: Compensate, name: str) -> None:
    one = factories.one_to_one(documents)
    compensate(*words(name, [one], seconds=60))

    ended = compensate(*words(name, [one], seconds=61))

    assert ended.status == 1
    assert "Under this name 60 seconds were given." in ended.stderr


def test_a_streamer_who_took_the_key_is_named_and_not_counted(
    documents: Documents, compensate: Compensate, name: str
) -> None:
    one = factories.one_to_one(documents)
    factories.recorded(one, key=f"compensate:{name}")

    said = compensate(*words(name, [one])).json

    assert said["goals"] == 0
    assert [each["goal_id"] for each in said["not_extended"]] == [one.goal_id]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--name", "n", "--seconds", "0", "--running"],
        ["--name", "n", "--seconds", "3601", "--running"],
        ["--name", "", "--seconds", "60", "--running"],
        ["--name", "a name", "--seconds", "60", "--running"],
        ["--name", "n" * 190, "--seconds", "60", "--running"],
        ["--name", "n", "--seconds", "60"],
        ["--name", "n", "--seconds", "60", "--running", "--goal", "a" * 24],
    ],
)
def test_a_wrong_use_gives_nothing(documents: Documents, compensate: Compensate, wrong: list[str]) -> None:
    before = documents["extension"].count_documents({})

    assert compensate(*wrong).status == 2
    assert documents["extension"].count_documents({}) == before
