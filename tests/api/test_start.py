"""A web that cannot start says why and ends, instead of letting callers wait."""

import subprocess

import pytest

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack


def start(servers: Stack, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the Procfile's web with these settings until it ends by itself."""
    environment = procfile.environment(servers.settings | settings)
    command = [*procfile.lines()["web"].split(), "--bind", "127.0.0.1:0"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("workers", ["1", "3"])
def test_a_wrong_setting_ends_the_web_with_a_sentence(servers: Stack, workers: str) -> None:
    ended = start(servers, JWT_KEYS='{"0badcafe": "hunter2"}', WEB_CONCURRENCY=workers)

    assert ended.returncode != 0
    assert "swag_goals cannot start. JWT_KEYS is wrong: " in ended.stderr
    assert "hunter2" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(("name", "value"), [("PORT", "http"), ("PORT", "65536"), ("WEB_CONCURRENCY", "0")])
def test_so_does_one_that_only_gunicorn_reads(servers: Stack, name: str, value: str) -> None:
    ended = start(servers, **{name: value})

    assert ended.returncode != 0
    assert f"swag_goals cannot start. {name} is wrong: " in ended.stderr
