"""The job's arguments are JSON, and what is not a job of the queue is recognized."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from redis import Redis
from rq.exceptions import InvalidJobOperation
from rq.job import Job
from rq.serializers import JSONSerializer

from swag_goals.documents.extension import Extension
from swag_goals.jobs.update_session_viewer_permissions import update_session_viewer_permissions
from swag_goals.queue import extensions as queue_extensions
from swag_goals.queue.extensions import (
    FUNCTION,
    MAX_DATA,
    ExtensionJob,
    ExtensionsQueue,
    checked_arguments,
    job_arguments,
)

EXTENSION = Extension(
    id=ObjectId("1" * 24),
    session_id=ObjectId("2" * 24),
    viewers=["3" * 24],
    nbf=datetime(2026, 1, 31, 12, tzinfo=UTC),
    duration=60,
    notify_sd_viewers=True,
)
ARGUMENTS: dict[str, Any] = {
    "session_id": "2" * 24,
    "viewers": ["3" * 24],
    "nbf": "2026-01-31T12:00:00.000Z",
    "duration": 60,
    "notify_sd_viewers": True,
    "extension_id": "1" * 24,
}


def job(*args: Any, function: str = FUNCTION, **kwargs: Any) -> Job:
    # Nothing is sent to Redis before the job is saved.
    return ExtensionJob.create(function, args, kwargs, connection=Redis(), serializer=JSONSerializer)


def test_ids_are_text_and_nbf_is_iso_8601() -> None:
    assert job_arguments(EXTENSION) == ARGUMENTS
    assert json.loads(json.dumps(job_arguments(EXTENSION))) == ARGUMENTS


def test_the_functions_own_defaults_are_those_of_an_extension() -> None:
    short = {name: value for name, value in ARGUMENTS.items() if name not in ("duration", "notify_sd_viewers")}

    assert checked_arguments(job(**short)) == ARGUMENTS


def test_arguments_may_stand_without_their_names() -> None:
    *values, extension_id = ARGUMENTS.values()

    assert checked_arguments(job(*values, extension_id=extension_id)) == ARGUMENTS


def test_a_job_does_not_say_whom_it_is_for() -> None:
    """Its description stands in logs, and in what RQ's tools show."""
    made = queue_extensions._job(EXTENSION)

    # RQ makes one of the arguments where there is none.
    itself = ExtensionJob.create(made.func, kwargs=made.kwargs, description=made.description, connection=Redis())

    assert "3" * 24 in str(ExtensionJob.create(made.func, kwargs=made.kwargs, connection=Redis()).description)
    assert "3" * 24 not in str(itself.description)


def test_what_no_job_of_ours_needs_is_not_unpacked() -> None:
    """A few bytes may unpack to a thousand times as many."""
    forged = job(**ARGUMENTS | {"viewers": [f"{number:024x}" for number in range(20_000)]})
    data = forged.to_dict()["data"]
    assert len(data) > MAX_DATA
    read = ExtensionJob(connection=Redis())

    read.restore({b"data": data})

    with pytest.raises(Exception):  # noqa: B017 - RQ's own, of a job without data
        checked_arguments(read)


@pytest.mark.parametrize("job_id", ["", "a b", "a:b", "ä", "x" * 10_000 + "/"])
def test_an_id_that_rq_takes_for_none_is_passed_over(job_id: str) -> None:
    assert ExtensionsQueue._fetch_dequeued_job(Redis(), "rq:queue:extensions", job_id) is None


def test_the_queue_names_the_job_by_its_path() -> None:
    assert job().func is update_session_viewer_permissions


@pytest.mark.parametrize(
    "function", ["os.system", "swag_goals.queue.extensions.enqueue", "builtins.eval", FUNCTION + "x"]
)
def test_no_other_function_can_be_named(function: str) -> None:
    foreign = job(function=function, **ARGUMENTS)

    with pytest.raises(InvalidJobOperation):
        checked_arguments(foreign)
    with pytest.raises(InvalidJobOperation):
        _ = foreign.func


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {**ARGUMENTS, "extension_id": None},
        {**ARGUMENTS, "extension_id": "1" * 23},
        {**ARGUMENTS, "extension_id": 7},
        {**ARGUMENTS, "extension_id": {"$ne": None}},
        {**ARGUMENTS, "more": 1},
        {"extension_id": ARGUMENTS["extension_id"]},
    ],
)
def test_other_arguments_than_the_jobs_are_malformed(kwargs: dict[str, Any]) -> None:
    with pytest.raises(InvalidJobOperation):
        checked_arguments(job(**kwargs))
