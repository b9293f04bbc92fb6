"""The console's two pages, as their users see them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from dev.stack.stack import Stack
from tests import factories
from tests.factories import OneToOne


@dataclass(frozen=True)
class Console:
    """Opens pages of `stack`'s console with `open_page(**options of a browser context)`."""

    stack: Stack
    open_page: Callable[..., Page]

    def streamer(self, one: OneToOne, **options: Any) -> Page:
        """The streamer's page, signed in and live; `options` as `open` takes them."""
        page = self.open(**options)
        sign_in(page, factories.token(self.stack.settings, one.streamer_id))
        expect_live(page)
        return page

    def viewer(self, one: OneToOne, **options: Any) -> Page:
        """The page of the first viewer, signed in and live; `options` as `open` takes them."""
        page = self.open(f"/viewer?session={one.session_id}&streamer={one.streamer_id}", **options)
        sign_in(page, factories.token(self.stack.settings, one.viewers[0], scopes=["PAID"]))
        expect_live(page)
        return page

    def open(self, path: str = "", prepare: Callable[[Page], None] | None = None, **options: Any) -> Page:
        """A page, signed out, in a browser context of these options; `prepare` sees it while it is empty."""
        page = self.open_page(**options)
        if prepare:
            prepare(page)
        page.goto(f"{self.stack.settings['API_URL']}/console{path}")
        return page


def sign_in(page: Page, token: str) -> None:
    """Paste the token."""
    page.locator("#token").fill(token)
    page.locator("#sign-in button").click()


def expect_live(page: Page) -> None:
    """Wait until events come."""
    expect(page.locator("#connection")).to_have_attribute("data-live", "true")


def extend_button(page: Page) -> Locator:
    """The button that asks for 60 seconds."""
    return page.locator("button.extend")


def extensions(page: Page) -> Locator:
    """The entries of the timeline, the newest first."""
    return page.locator(".goal .timeline > li")


def expect_seconds_left(page: Page, at_least: int, at_most: int) -> None:
    """Wait until the one bar stands between these."""
    seconds = "|".join(map(str, range(at_least, at_most + 1)))
    expect(page.get_by_role("meter")).to_have_attribute("aria-valuenow", re.compile(f"^({seconds})$"))
