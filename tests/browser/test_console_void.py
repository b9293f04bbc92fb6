"""What an operator gives and takes back: told apart on the streamer's page, and explained on the viewer's."""

import subprocess
from typing import Any

from playwright.sync_api import expect
from pymongo.database import Database

from dev.stack import procfile
from dev.stack.keeper import ROOT
from tests import factories
from tests.browser.console import Console, expect_seconds_left, extensions
from tests.flow.outcome import settled


def flask(console: Console, *words: str) -> None:
    environment = procfile.environment(console.stack.settings)
    subprocess.run(["flask", *words, "--reason", "r"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def test_a_void_shortens_the_bar_and_says_why(console: Console, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    viewer = console.viewer(one)
    extension = factories.extend(console.stack, one).body["id"]
    expect_seconds_left(viewer, 30, 60)

    flask(console, "extension", "void", extension)

    expect_seconds_left(viewer, 0, 1)
    expect(viewer.locator("#shortened")).to_contain_text("An extension given in error was taken back")
    expect(viewer.locator("#received > li").first).to_contain_text("\N{MINUS SIGN}")
    streamer = console.streamer(one, locale="zh-TW")
    expect(extensions(streamer)).to_have_attribute("data-status", "voided")
    expect(extensions(streamer)).to_contain_text("已收回")


def test_a_compensation_is_told_apart_from_a_press(console: Console, database: Database[dict[str, Any]]) -> None:
    one = factories.one_to_one(database)
    settled(database, factories.extend(console.stack, one).body["id"])
    flask(console, "compensate", "--name", "outage", "--seconds", "90", "--goal", one.goal_id)

    streamer = console.streamer(one)

    given, pressed = extensions(streamer).all()
    expect(given).to_contain_text("+90 s")
    expect(given).to_contain_text("Given by the operator, as a compensation.")
    expect(pressed).not_to_contain_text("Given by the operator")
