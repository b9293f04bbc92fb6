"""The service as pages see it: in a browser that asks before it sends, and shows a page what it may."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from bson import ObjectId
from playwright.sync_api import Browser, Page
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.browser.pages import site
from tests.factories import OneToOne

Documents = Database[dict[str, Any]]

CALL = """async ({ url, method, token, requestId }) => {
  const headers = {
    authorization: `Bearer ${token}`,
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    'x-client-id': crypto.randomUUID(),
    'x-request-id': requestId ?? crypto.randomUUID(),
    'x-session-id': crypto.randomUUID(),
  };
  try {
    const answer = await fetch(url, { method, headers });
    const names = ['location', 'x-request-id', 'idempotent-replayed', 'retry-after', 'content-language', 'server'];
    const seen = Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]));
    return { status: answer.status, headers: seen, body: await answer.json() };
  } catch (error) {
    return { error: error.name };
  }
}"""

SUBSCRIBE = """({ api, key, port, channel, token }) => new Promise((resolve) => {
  window.pusher = new Pusher(key, {
    cluster: '', wsHost: '127.0.0.1', wsPort: port, forceTLS: false, enabledTransports: ['ws'],
    channelAuthorization: {
      endpoint: `${api}/pusher/auth`, transport: 'ajax', headers: { Authorization: `Bearer ${token}` },
    },
  });
  window.events = [];
  const subscribed = window.pusher.subscribe(channel);
  subscribed.bind('stream.authorized', (data) => window.events.push(data));
  subscribed.bind('pusher:subscription_error', ({ status }) => resolve(status));
  subscribed.bind('pusher:subscription_succeeded', () => resolve('subscribed'));
})"""

RECONNECT = """() => new Promise((resolve) => {
  window.pusher.disconnect();
  window.pusher.allChannels()[0].bind('pusher:subscription_succeeded', () => resolve('subscribed'));
  window.pusher.connect();
})"""


@pytest.fixture(scope="module")
def origins() -> Iterator[tuple[str, str]]:
    """Two sites: one whose pages may call, and another."""
    with site() as ours, site() as foreign:
        yield ours, foreign


@pytest.fixture(scope="module")
def web(stack: Stack, origins: tuple[str, str]) -> Iterator[Stack]:
    """A web beside that of `stack`, with the same worker behind it."""
    with Stack(processes={"web": 1}, settings=stack.settings | {"CORS_ORIGINS": origins[0]}) as web:
        yield web


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def open_page(url: str) -> Page:
        context = browser.new_context(locale="zh-TW")
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def one(database: Documents) -> OneToOne:
    return factories.one_to_one(database)


def extend(page: Page, web: Stack, one: OneToOne, query: str = "?lang=zh-hant", **options: Any) -> Any:
    token = factories.token(web.settings, one.streamer_id)
    url = f"{web.urls['web']}/goals/{one.goal_id}/extend{query}"
    return page.evaluate(CALL, {"url": url, "method": "PUT", "token": token, **options})


def subscribe(page: Page, web: Stack, one: OneToOne, user: str, scopes: tuple[str, ...] = ()) -> Any:
    options = {
        "api": web.urls["web"],
        "key": urlsplit(web.settings["PUSHER_URL"]).username,
        "port": urlsplit(web.settings["PUSHER_WS_URL"]).port,
        "channel": f"presence-stream-viewer@{one.streamer_id}.sd.{one.viewers[0]}",
        "token": factories.token(web.settings, user, scopes),
    }
    return page.evaluate(SUBSCRIBE, options)


def my_permission(page: Page, web: Stack, one: OneToOne) -> Any:
    token = factories.token(web.settings, one.viewers[0], ())
    url = f"{web.urls['web']}/sessions/{one.session_id}/permissions/me"
    return page.evaluate(CALL, {"url": url, "method": "GET", "token": token})["body"]


def recorded(database: Documents, one: OneToOne) -> int:
    return database["extension"].count_documents({"goal_id": ObjectId(one.goal_id)})


def test_a_page_of_ours_extends_and_reads_the_answer(
    web: Stack, origins: tuple[str, str], open_page: Callable[[str], Page], one: OneToOne
) -> None:
    page = open_page(origins[0])

    first = extend(page, web, one, requestId="from-a-page")
    again = extend(page, web, one, requestId="from-a-page")

    assert first["status"] == 202
    assert first["headers"]["location"] == first["body"]["links"]["self"]
    assert first["headers"]["x-request-id"] == "from-a-page"
    assert first["headers"]["server"] is None
    assert again["headers"]["idempotent-replayed"] == "true"
    assert again["body"]["id"] == first["body"]["id"]


def test_it_reads_a_refusal_in_its_language(
    web: Stack, origins: tuple[str, str], open_page: Callable[[str], Page]
) -> None:
    page = open_page(origins[0])

    by_parameter = extend(page, web, OneToOne(), "?lang=en")
    by_browser = extend(page, web, OneToOne(), "")

    assert (by_parameter["status"], by_parameter["headers"]["content-language"]) == (404, "en")
    assert (by_browser["status"], by_browser["headers"]["content-language"]) == (404, "zh-hant")
    assert by_browser["body"]["title"] == "找不到目標"


def test_a_page_of_another_site_gets_nothing_through_and_reads_nothing(
    web: Stack, origins: tuple[str, str], open_page: Callable[[str], Page], database: Documents, one: OneToOne
) -> None:
    page = open_page(origins[1])

    assert extend(page, web, one) == {"error": "TypeError"}
    assert page.evaluate("url => fetch(url).catch((error) => error.name)", f"{web.urls['web']}/healthz") == "TypeError"
    assert recorded(database, one) == 0


def test_a_viewer_s_page_is_notified_and_knows_the_same_after_a_reconnect(
    web: Stack, origins: tuple[str, str], open_page: Callable[[str], Page], one: OneToOne
) -> None:
    streamer, viewer = open_page(origins[0]), open_page(origins[0])
    assert subscribe(viewer, web, one, one.viewers[0]) == "subscribed"

    extension = extend(streamer, web, one)["body"]
    viewer.wait_for_function("window.events.length > 0")
    event = viewer.evaluate("window.events[0]")

    assert event["extension_id"] == extension["id"]
    assert event["duration"] == 360
    assert viewer.evaluate(RECONNECT) == "subscribed"
    known = my_permission(viewer, web, one)
    assert known["server_time"] >= event["server_time"]
    same = ("session_id", "viewer_id", "nbf", "duration", "exp", "revision")
    assert {name: known[name] for name in same} == {name: event[name] for name in same}


def test_its_streamer_may_listen_too(
    web: Stack, origins: tuple[str, str], open_page: Callable[[str], Page], one: OneToOne
) -> None:
    assert subscribe(open_page(origins[0]), web, one, one.streamer_id, ("CREATOR",)) == "subscribed"


@pytest.mark.parametrize("scopes", [(), ("CREATOR",)], ids=["another viewer", "a streamer of another stream"])
def test_nobody_else_may(
    web: Stack, origins: tuple[str, str], open_page: Callable[[str], Page], one: OneToOne, scopes: tuple[str, ...]
) -> None:
    assert subscribe(open_page(origins[0]), web, one, factories.new_id(), scopes) == 403


def test_the_description_s_page_needs_no_other_host_and_breaks_no_policy(web: Stack, browser: Browser) -> None:
    page = browser.new_page()
    called: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: called.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{web.urls['web']}/docs")
    page.get_by_text("too_many_extensions").first.scroll_into_view_if_needed()
    page.locator("summary", has_text="202").first.click()

    assert page.get_by_text("Recorded; its job gives the seconds.").is_visible()
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"
    assert {urlsplit(url).netloc for url in called} == {urlsplit(web.urls["web"]).netloc}
    assert complaints == []
    page.close()
