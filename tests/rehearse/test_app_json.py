"""What app.json says to Heroku agrees with the Procfile and with the settings."""

import json
import subprocess
from typing import Any

import pytest

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from swag_goals.settings import HINTS, Settings

APP: dict[str, Any] = json.loads((ROOT / "app.json").read_text())
BY_ADDONS = {"heroku-redis:mini": "REDIS_URL"}
BY_THE_PLATFORM = {"PORT"}


def test_every_process_is_run_and_no_other() -> None:
    assert APP["formation"].keys() == procfile.lines().keys() - {"release"}


def test_every_setting_is_listed_or_comes_with_an_addon() -> None:
    given = APP["env"].keys() | {BY_ADDONS[addon] for addon in APP["addons"]}

    assert given == HINTS.keys() - BY_THE_PLATFORM | {"METRICS_TOKEN"}
    assert all(setting["description"] for setting in APP["env"].values())


@pytest.mark.parametrize("left_out", [name for name, setting in APP["env"].items() if not setting.get("required")])
def test_what_is_not_required_can_be_left_out(left_out: str, servers: Stack) -> None:
    given = servers.settings | {"PUSHER_URL": "https://key:secret@api-eu.pusher.com/apps/1"}

    Settings.from_environ({name: value for name, value in given.items() if name != left_out})


def test_the_values_it_gives_are_the_programs_own() -> None:
    chosen = {name: setting["value"] for name, setting in APP["env"].items() if "value" in setting}
    required = {
        "MONGODB_URI": "mongodb://db/swag",
        "REDIS_URL": "redis://cache",
        "PUSHER_URL": "https://key:secret@api-eu.pusher.com/apps/1",
        "JWT_KEYS": json.dumps({"a": "k" * 32}),
    }

    assert Settings.from_environ(required | chosen) == Settings.from_environ(required)


def test_the_python_that_is_locked_for_is_the_one_that_is_run() -> None:
    assert (ROOT / ".python-version").read_text().strip() == "3.11"


def test_the_web_listens_on_the_port_that_the_platform_gives(servers: Stack) -> None:
    environment = procfile.environment(servers.settings | {"PORT": "12345", "WEB_CONCURRENCY": "3"})
    environment = {name: value for name, value in environment.items() if name != "GUNICORN_CMD_ARGS"}
    command = [*procfile.lines()["web"].split(), "--print-config"]

    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    config = dict(line.split("=", 1) for line in printed.replace(" ", "").splitlines() if "=" in line)
    assert config["bind"] == "['0.0.0.0:12345']"
    assert config["workers"] == "3"
