"""What the console keeps to itself, and what it cannot be made to do."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Route, expect
from pymongo.database import Database

from dev.stack.keeper import ROOT
from dev.stack.listener import SCRIPT
from dev.stack.stack import Stack
from swag_goals.settings import Settings
from tests import factories
from tests.browser.console import Console, sign_in

Db = Database[dict[str, Any]]
VENDOR = ROOT / "swag_goals/console/vendor"
ELSEWHERE = "https://elsewhere.example/script.js"
SLIPPED_IN = f"""
<script>window.ran = 'a script within the page'</script>
<script src="{ELSEWHERE}"></script>
<img src="data:," onerror="window.ran = 'a handler'">
<style>body {{ opacity: .5 }}</style>
"""
KEPT = """JSON.stringify([
  location.href, {...sessionStorage}, document.documentElement.outerHTML,
  [...document.querySelectorAll('input')].map((input) => input.value),
])"""


def test_the_token_stays_in_memory(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    token = factories.token(console.stack.settings, one.streamer_id)
    page = console.open()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))

    sign_in(page, token)
    expect(page.locator(".goal")).to_be_visible()

    assert token not in page.evaluate(KEPT)
    assert not [url for url in requests if token in url]
    assert token not in json.dumps(page.context.storage_state())
    page.reload()
    expect(page.locator("#token")).to_have_value("")


def test_a_token_that_is_refused_later_signs_out(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    streamer.route("**/extend?*", lambda route: route.fulfill(status=401, json={"title": "Not signed in"}))

    streamer.locator("button.extend").click()

    expect(streamer.get_by_role("alert")).to_have_text("The token is not valid, or no longer. Paste a new one.")
    expect(streamer.locator(".goal")).to_be_hidden()


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_token_that_is_none_is_refused_with_words(console: Console, token: str) -> None:
    page = console.open()

    sign_in(page, token)

    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page.locator("#token")).to_have_attribute("aria-invalid", "true")


def test_a_viewers_token_is_refused_as_none_of_a_streamers(console: Console) -> None:
    page = console.open()

    sign_in(page, factories.token(console.stack.settings, factories.new_id(), scopes=["PAID"]))

    expect(page.get_by_role("alert")).to_contain_text("CREATOR")


def test_what_is_slipped_into_a_page_does_not_run(browser: Browser, stack: Stack) -> None:
    """Of a script within the page, one of another host, a handler and a style, none has any effect."""

    def slip_in(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace("</body>", f"{SLIPPED_IN}</body>"))

    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/console", slip_in)
        page.route(ELSEWHERE, lambda route: route.fulfill(body="window.ran = 'a script of another host'"))
        page.goto(f"{stack.settings['API_URL']}/console")
        page.locator("h1").click()

        assert page.evaluate("[window.ran, getComputedStyle(document.body).opacity]") == [None, "1"]


def test_a_string_cannot_become_markup(browser: Browser, stack: Stack) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{stack.settings['API_URL']}/console")

        with pytest.raises(Error, match="TrustedHTML"):
            page.evaluate("document.body.innerHTML = '<b>markup</b>'")


def test_the_pages_learn_pushers_key_and_not_its_secret(stack: Stack) -> None:
    pusher = Settings.from_environ(stack.settings).pusher

    served = factories.call(stack, "GET", "/console/pusher.json", "").body

    assert served == {"key": pusher.key, "ws_url": stack.settings["PUSHER_WS_URL"]}


@pytest.mark.parametrize(
    ("ours", "theirs"), [("pusher.min.js", "dist/web/pusher.min.js"), ("pusher.LICENCE", "LICENCE")]
)
def test_pusher_js_is_the_published_one(ours: str, theirs: str) -> None:
    assert (VENDOR / ours).read_bytes() == (SCRIPT.parent / "node_modules/pusher-js" / theirs).read_bytes()
