"""The console for everybody: by keyboard, by screen reader, on a phone, in both languages."""

import json
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pymongo.database import Database

from swag_goals.documents.reasons import REASONS
from tests import factories
from tests.browser.console import Console, extend_button, extensions, sign_in

Db = Database[dict[str, Any]]
SMALLEST_PHONE = {"width": 320, "height": 568}


def test_the_keyboard_is_enough(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    page = console.open()

    tab_to(page, "#token")
    page.keyboard.insert_text(factories.token(console.stack.settings, one.streamer_id))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, "button.extend")
    page.keyboard.press("Enter")

    expect(extensions(page)).to_have_attribute("data-status", "done")
    expect(extend_button(page)).to_be_focused()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, as long as it comes to somewhere new."""
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screen_readers_find_everything_and_eyes_can_read_it(console: Console, database: Db, scheme: str) -> None:
    one = factories.one_to_one(database, count=2)
    factories.extend(console.stack, one)
    signed_out = console.open(color_scheme=scheme)
    sign_in(signed_out, "no token")
    streamer, viewer = console.streamer(one, color_scheme=scheme), console.viewer(one, color_scheme=scheme)
    expect(extensions(streamer)).to_have_attribute("data-status", "done")

    found = [Axe().run(page).response["violations"] for page in (signed_out, streamer, viewer)]

    assert json.dumps(found) == "[[], [], []]"


def test_the_outcome_is_announced(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer, viewer = console.streamer(one), console.viewer(one)

    extend_button(streamer).click()

    expect(streamer.get_by_role("status")).to_have_text("60 more seconds are given.")
    expect(viewer.get_by_role("status")).to_contain_text("Your time was extended.")


def test_a_bar_says_its_time_in_words(console: Console, database: Db) -> None:
    one = factories.OneToOne()
    factories.goal(database, one)
    factories.session(database, one.session_id, viewers={one.viewers[0]: factories.permission(ends_in=150)})
    streamer = console.streamer(one)

    bar = streamer.get_by_role("meter", name=f"Time left, Viewer {one.viewers[0][-6:]}")

    expect(bar).to_have_attribute("aria-valuetext", re.compile(r"^2 min \d+ s$"))


@pytest.mark.parametrize("path", ["", "/viewer"])
def test_a_phone_shows_all_of_it_without_scrolling_sideways(console: Console, database: Db, path: str) -> None:
    one = factories.one_to_one(database)
    factories.extend(console.stack, one)
    open_signed_in = console.viewer if path else console.streamer
    page = open_signed_in(one, viewport=SMALLEST_PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") == SMALLEST_PHONE["width"]
    heights = [box["height"] for button in page.get_by_role("button").all() if (box := button.bounding_box())]
    assert min(heights) >= 44


def test_nothing_moves_for_who_wants_it_so(console: Console, database: Db) -> None:
    streamer = console.streamer(factories.one_to_one(database), reduced_motion="reduce")

    assert streamer.locator(".bar span").evaluate("bar => getComputedStyle(bar).transitionDuration") == "0s"


@pytest.mark.parametrize(
    ("query", "locale", "heading"),
    [
        ("", "en-GB", "Live console"),
        ("", "zh-TW", "直播控制台"),
        ("", "zh-CN", "Live console"),
        ("", "de", "Live console"),
        ("?lang=zh-hant", "en", "直播控制台"),
        ("?lang=zh-HK", "en", "直播控制台"),
        ("?lang=en", "zh-TW", "Live console"),
        ("?lang=nonsense!", "zh-TW", "Live console"),
    ],
)
def test_the_language_is_the_asked_one_else_the_browsers(
    console: Console, query: str, locale: str, heading: str
) -> None:
    page = console.open(query, locale=locale)

    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("html")).to_have_attribute("lang", "en" if heading == "Live console" else "zh-Hant")


def test_the_language_changes_without_signing_out(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    extend_button(streamer).click()
    expect(extensions(streamer)).to_have_attribute("data-status", "done")

    streamer.get_by_role("button", name="繁體中文").click()

    expect(extend_button(streamer)).to_have_text("延長 60 秒")
    expect(extensions(streamer)).to_contain_text("已通知")
    expect(streamer.locator(".note")).to_have_text("已延長 60 秒。")


def test_every_message_is_there_in_both_languages_and_for_every_reason(console: Console) -> None:
    messages = console.open().evaluate("import('/console/messages.js').then(({ messages }) => messages)")

    assert list(messages) == ["en", "zh-hant"]
    assert list(messages["en"]) == list(messages["zh-hant"])
    assert {f"reason_{code}" for code in REASONS} <= set(messages["en"])
