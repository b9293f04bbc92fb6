"""The settings are the same wherever they are listed."""

import json
import re

from dev.stack.keeper import ROOT
from swag_goals import settings

ALL = {*settings.HINTS, "METRICS_TOKEN"}


def test_every_setting_that_is_parsed_has_a_hint() -> None:
    assert set(settings.HINTS) == set(settings._PARSERS)


def test_the_readme_lists_every_setting() -> None:
    section = (ROOT / "README.rst").read_text().split("\nSettings\n")[1].split("\nWhere things are\n")[0]
    assert set(re.findall(r"^``([A-Z_]+)``", section, re.MULTILINE)) == ALL


def test_app_json_names_every_setting_that_heroku_does_not_make_itself() -> None:
    app = json.loads((ROOT / "app.json").read_text())
    assert set(app["env"]) == ALL - {"PORT", "REDIS_URL"}


def test_app_json_gives_the_defaults_as_they_are() -> None:
    env = json.loads((ROOT / "app.json").read_text())["env"]
    ours = {name: value for name, value in settings._DEFAULTS.items() if name not in settings.GUNICORNS}
    assert {name: env[name].get("value", "") for name in ours} == ours
