"""A page whose subscription is lost has it again by itself, and shows each extension within six seconds until then.

Both for the live page and for the documented client, in whichever way it was lost.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.browser.console import Console, expect_live, extensions, sign_in
from tests.browser.pages import site
from tests.eventually import eventually
from tests.factories import OneToOne

Db = Database[dict[str, Any]]
Prepare = Callable[[Page], None]
WITHIN = 6000  # ms
OUTAGE = 20  # seconds; by then pusher-js itself waits until 46 s have passed
AGAIN = 45_000  # ms; when a subscription is there again at the latest
AUTHORIZATIONS = "**/pusher/auth*"

FOLLOW = """async ({ api, key, port, token, viewer }) => {
  const { follow } = await import('/browser-client.mjs');
  window.pusher = new Pusher(key, {
    cluster: '', wsHost: '127.0.0.1', wsPort: port, forceTLS: false, enabledTransports: ['ws'],
    channelAuthorization: {
      endpoint: `${api}/pusher/auth`, transport: 'ajax', headers: { Authorization: `Bearer ${token}` },
    },
  });
  follow(api, window.pusher, { ...viewer, currentToken: () => token }, ({ duration }) => {
    document.querySelector('#facts').textContent = `${duration / 60}:00`;
  });
}"""
SUBSCRIBED = "window.pusher.connection.state === 'connected' && window.pusher.allChannels()[0].subscribed"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with site() as origin:
        yield origin


@pytest.fixture(scope="module")
def web(stack: Stack, origin: str) -> Iterator[Stack]:
    """A web beside that of `stack`, for the pages of `origin`, with the same worker behind it."""
    with Stack(processes={"web": 1}, settings=stack.settings | {"CORS_ORIGINS": origin}) as web:
        yield web


@dataclass(frozen=True)
class Viewers:
    """Opens the pages of a goal's first viewer: `live_page`, and one with the documented client."""

    console: Console
    browser: Browser
    web: Stack
    origin: str
    opened: list[Page] = field(default_factory=list)

    def live_page(self, one: OneToOne, prepare: Prepare | None = None) -> Page:
        page = self.console.open(f"/viewer?session={one.session_id}&streamer={one.streamer_id}", prepare)
        sign_in(page, factories.token(self.web.settings, one.viewers[0], scopes=["PAID"]))
        return page

    def documented_client(self, one: OneToOne, prepare: Prepare | None = None) -> Page:
        page = self.browser.new_page()
        self.opened.append(page)
        if prepare:
            prepare(page)
        page.goto(self.origin)
        viewer = {"streamerId": one.streamer_id, "viewerId": one.viewers[0], "sessionId": one.session_id}
        options = {
            "api": self.web.urls["web"],
            "key": urlsplit(self.web.settings["PUSHER_URL"]).username,
            "port": urlsplit(self.web.settings["PUSHER_WS_URL"]).port,
            "token": factories.token(self.web.settings, one.viewers[0], scopes=["PAID"]),
            "viewer": viewer,
        }
        page.evaluate(FOLLOW, options)
        return page


@pytest.fixture
def viewers(console: Console, browser: Browser, web: Stack, origin: str) -> Iterator[Viewers]:
    viewers = Viewers(console, browser, web, origin)
    yield viewers
    for page in viewers.opened:
        page.close()


@pytest.fixture(params=[Viewers.live_page, Viewers.documented_client], ids=["the live page", "the documented client"])
def open_viewer(request: pytest.FixtureRequest, viewers: Viewers) -> Callable[[OneToOne, Prepare], Page]:
    return lambda one, prepare: request.param(viewers, one, prepare)


@dataclass
class Fault:
    """What becomes of the first authorizations of a page; it counts all of them."""

    status: int | None  # None: they are never answered
    count: int = 1
    asked: int = 0

    def __call__(self, page: Page) -> None:
        page.route(AUTHORIZATIONS, self.answer)

    def answer(self, route: Route) -> None:
        if route.request.method == "OPTIONS":
            return route.continue_()
        self.asked += 1
        if self.asked > self.count:
            return route.continue_()
        if self.status is None:
            return None
        everybody = {"Access-Control-Allow-Origin": "*"}
        return route.fulfill(status=self.status, headers=everybody, json={"title": "Not your channel", "detail": ""})


def expect_bought(page: Page, minutes: int, within: float = WITHIN) -> None:
    """Wait until a viewer's page knows that so much was bought in all."""
    expect(page.locator("#facts")).to_contain_text(f"{minutes}:00", timeout=within)


def expect_subscribed(page: Page) -> None:
    """Wait until events reach a viewer's page."""
    if page.locator("#connection").count():
        expect(page.locator("#connection")).to_have_attribute("data-live", "true", timeout=AGAIN)
    else:
        page.wait_for_function(SUBSCRIBED, timeout=AGAIN)


@pytest.mark.parametrize("status", [503, None], ids=["fails", "hangs"])
def test_an_authorization_that(
    status: int | None, open_viewer: Callable[[OneToOne, Prepare], Page], stack: Stack, database: Db
) -> None:
    one, fault = factories.one_to_one(database), Fault(status)
    page = open_viewer(one, fault)
    expect_bought(page, 5, within=30_000)
    eventually(lambda: page.evaluate("0") == 0 and fault.asked)  # a call lets Playwright handle what came

    factories.extend(stack, one)

    expect_bought(page, 6)
    expect_subscribed(page)
    assert fault.asked == 2


def test_an_authorization_that_is_refused_for_good(
    open_viewer: Callable[[OneToOne, Prepare], Page], stack: Stack, database: Db
) -> None:
    one, fault = factories.one_to_one(database), Fault(403, count=1000)
    page = open_viewer(one, fault)
    expect_bought(page, 5, within=30_000)
    for minutes in (6, 7, 8):
        factories.extend(stack, one)
        expect_bought(page, minutes)

    assert 1 <= fault.asked <= 4


def test_the_live_page_says_why_it_is_not_live(viewers: Viewers, database: Db) -> None:
    page = viewers.live_page(factories.one_to_one(database), Fault(403, count=1000))

    expect(page.locator("#connection")).to_have_text("Not live, refreshed every few seconds · Not your channel")


def test_a_session_that_begins_is_shown_although_its_channel_fails(
    console: Console, stack: Stack, database: Db
) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    second = replace(one, goal_id=factories.new_id(), session_id=factories.new_id(), viewers=[factories.new_id()])
    Fault(503, count=1000)(streamer)
    factories.goal(database, second)
    factories.session(database, second.session_id, viewers={second.viewers[0]: factories.permission()})
    streamer.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(streamer.locator(".goal")).to_have_count(2)
    expect(streamer.locator("#connection")).to_have_attribute("data-live", "false")

    factories.extend(stack, second)

    expect(extensions(streamer)).to_have_count(1, timeout=WITHIN)


def test_a_look_that_fails_is_made_good(console: Console, database: Db) -> None:
    """Or what was missed before a subscription would stay unknown for as long as the page is live."""
    one = factories.one_to_one(database)
    viewer = console.viewer(one)
    viewer.route("**/permissions/me*", lambda route: route.fulfill(status=503, json={}), times=1)
    with viewer.expect_response("**/permissions/me*"):
        viewer.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    found = {f"viewers.{one.viewers[0]}.duration": 360}
    database["session"].update_one({f"viewers.{one.viewers[0]}": {"$exists": True}}, {"$set": found})

    expect_bought(viewer, 6)


@dataclass
class Load:
    """What a page asks for: the service's answers, and connections to Pusher."""

    page: Page
    path: str  # asked once by each refresh of this page
    refreshes: int = 0
    connections: int = 0

    def __post_init__(self) -> None:
        self.page.on("request", self._count)
        self.page.on("websocket", self._connect)

    def _count(self, request: Any) -> None:
        self.refreshes += urlsplit(request.url).path.endswith(self.path)

    def _connect(self, _: Any) -> None:
        self.connections += 1


def test_an_outage_of_pusher(viewers: Viewers, console: Console, stack: Stack, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer, pages = console.streamer(one), [viewers.live_page(one), viewers.documented_client(one)]
    for page in pages:
        expect_subscribed(page)
        expect_bought(page, 5)
    loads = [Load(streamer, "/goals"), *(Load(page, "/permissions/me") for page in pages)]

    began = time.monotonic()
    stack.stop("pusher")
    factories.extend(stack, one)
    for page in pages:
        expect_bought(page, 6)
    expect(extensions(streamer)).to_have_count(1, timeout=WITHIN)
    streamer.wait_for_timeout(1000 * (OUTAGE - (time.monotonic() - began)))
    for load in loads:
        load.page.evaluate("0")  # which lets Playwright handle what came
        assert load.refreshes <= OUTAGE / 3 + 2, load.path
        assert load.connections <= OUTAGE / 2, load.path

    stack.start("pusher")
    factories.extend(stack, one)
    for page in pages:
        expect_bought(page, 7)
        expect_subscribed(page)
    expect_live(streamer)
