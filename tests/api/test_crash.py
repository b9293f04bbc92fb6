"""A crash: a problem with a request id, and not a word of what happened."""

import dataclasses
import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from dev.stack.stack import Stack
from tests import factories

Error = Callable[[str], BaseException]

SECRET = "redis://:hunter2@cache.internal:6379"


class Broken:
    """A dependency that fails in a way that nobody foresaw, with a secret in its message."""

    def __init__(self, error: Error) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        raise self._error(SECRET)


@pytest.fixture
def crash(app: Flask, servers: Stack, monkeypatch: pytest.MonkeyPatch) -> Callable[[Error], Any]:
    """Makes a call that is right, while the client of Pusher fails with this error."""

    def crash(error: Error) -> Any:
        parts = app.extensions["swag_goals"]
        monkeypatch.setitem(app.extensions, "swag_goals", dataclasses.replace(parts, pusher=Broken(error)))
        streamer, viewer = factories.new_id(), factories.new_id()
        form = {"socket_id": "1.2", "channel_name": f"presence-stream-viewer@{streamer}.sd.{viewer}"}
        headers = {
            "Authorization": f"Bearer {factories.token(servers.settings, viewer)}",
            "X-Request-ID": "my-request",
        }
        return app.test_client().post("/pusher/auth?lang=zh-hant", data=form, headers=headers)

    return crash


@pytest.mark.parametrize(
    "error", [RuntimeError, ValueError, KeyError, OSError, RecursionError, MemoryError, AssertionError]
)
def test_is_a_problem_that_says_nothing_of_its_cause(crash: Callable[[Error], Any], error: Error) -> None:
    answer = crash(error)

    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "internal_error"
    assert answer.json["request_id"] == answer.headers["X-Request-ID"] == "my-request"
    assert answer.headers["Content-Language"] == "zh-hant"
    assert "hunter2" not in answer.text


def test_is_found_in_the_log_by_its_request_id_without_its_message(
    crash: Callable[[Error], Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        crash(RuntimeError)

    (record,) = (record for record in caplog.records if record.message == "crashed")
    assert record.cause == "RuntimeError"  # type: ignore[attr-defined]
    assert "pusher.py" in "".join(record.at)  # type: ignore[attr-defined]
    assert "hunter2" not in caplog.text
    assert "hunter2" not in str(record.__dict__)
