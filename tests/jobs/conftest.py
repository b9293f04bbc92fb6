"""The job in this process, on real servers, with a Pusher that can be made to fail."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from dev.stack.stack import Stack
from swag_goals.counts import Counts
from swag_goals.documents.extension import Extension
from swag_goals.queue.extensions import job_arguments
from swag_goals.services import notify_viewers, settle_extensions
from swag_goals.services.apply_extensions import apply_extensions
from tests.jobs.pusher_sink import PusherSink

Documents = Database[dict[str, Any]]
Run = Callable[..., Extension]
Duration = Callable[[Extension], list[int]]


@pytest.fixture
def pusher() -> Iterator[PusherSink]:
    with PusherSink() as sink:
        yield sink


@pytest.fixture
def silent(pusher: PusherSink) -> Iterator[threading.Event]:
    """A Pusher that takes calls and does not answer until the event is set."""
    answer = threading.Event()
    pusher.answer = lambda _: 200 if answer.wait(30) else 500
    yield answer
    answer.set()


@pytest.fixture
def settings(
    servers: Stack, documents: Documents, pusher: PusherSink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The settings with which jobs run in this process."""
    settings = servers.settings | {"PUSHER_URL": pusher.url}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    drop_clients()
    yield settings
    drop_clients()


@pytest.fixture
def run(settings: dict[str, str]) -> Run:
    """Run the jobs of extensions together, as the worker does; the first of them afterwards."""

    def run(*extensions: Extension, **changed: Any) -> Extension:
        notify_viewers.notify_viewers(
            apply_extensions([job_arguments(extension) | changed for extension in extensions])
        )
        return Extension.objects.get(id=extensions[0].id)

    return run


def drop_clients() -> None:
    notify_viewers.channels.cache_clear()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What the jobs of this process count from now on."""
    counts = Counts()
    monkeypatch.setattr(settle_extensions, "counts", counts)
    return counts._counts


@pytest.fixture
def duration(documents: Documents) -> Duration:
    """The durations of an extension's viewers in the session, as MongoDB has them."""

    def duration(extension: Extension) -> list[int]:
        session = documents["session"].find_one({"_id": ObjectId(str(extension.session_id))})
        assert session
        return [session["viewers"][viewer]["duration"] for viewer in extension.viewers]

    return duration
