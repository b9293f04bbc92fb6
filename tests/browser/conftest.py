"""A real Chromium, and pages in it that may do nothing they should not."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from dev.stack.browser import chromium
from dev.stack.stack import Stack
from tests.browser.console import Console

# A shared machine may be slow, and nothing here depends on how fast it is.
expect.set_options(timeout=30_000)


# Not for the whole session: where Playwright runs, no other test could run an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def console(browser: Browser, stack: Stack) -> Iterator[Console]:
    """Opens the console's pages; at the end none of them has failed, broken its policy or called another host."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def watched(**options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.extend(policy_broken(message)))
        page.on("request", lambda request: wrong.extend(foreign(request.url)))
        page.on("websocket", lambda socket: wrong.extend(foreign(socket.url)))
        return page

    def foreign(url: str) -> list[str]:
        return [] if url.startswith((stack.settings["API_URL"], stack.settings["PUSHER_WS_URL"])) else [url]

    yield Console(stack, watched)
    for context in contexts:
        context.close()
    assert wrong == []


def policy_broken(message: ConsoleMessage) -> list[str]:
    return [message.text] if "Content Security Policy" in message.text else []
