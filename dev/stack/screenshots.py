"""`make screenshots`: the console's pages as they look, into `docs/figures`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId
from playwright.sync_api import Browser, Page, Route
from pymongo import MongoClient
from pymongo.database import Database

from dev.stack import sample
from dev.stack.browser import chromium
from dev.stack.keeper import ROOT
from dev.stack.outcome import end
from dev.stack.stack import Stack

FIGURES = ROOT / "docs/figures"
EXTEND = "button.extend"
MAX_LIFE = 3600  # seconds, of the tokens

Look = dict[str, Any]
DESKTOP: Look = {"viewport": {"width": 1100, "height": 720}}
PHONE: Look = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "has_touch": True}
ENGLISH: Look = {"locale": "en-GB", "timezone_id": "Asia/Taipei", "color_scheme": "light"}
CHINESE: Look = {"locale": "zh-TW", "timezone_id": "Asia/Taipei", "color_scheme": "dark"}
STREAMERS = {"console.png": DESKTOP | ENGLISH, "console-phone.png": PHONE | CHINESE}
VIEWERS = {"console-viewer-phone.png": PHONE | ENGLISH, "console-viewer.png": DESKTOP | CHINESE}


@dataclass(frozen=True)
class Opener:
    """Opens pages of the console for one streamer and one viewer."""

    browser: Browser
    settings: Mapping[str, str]
    ids: sample.Sample

    def streamer(self, look: Look) -> Page:
        """The streamer's page, signed in and live."""
        return self._open("", self.ids.streamer, "CREATOR", look)

    def viewer(self, look: Look) -> Page:
        """The viewer's page, signed in and live."""
        return self._open(f"/viewer?session={self.ids.session}&streamer={self.ids.streamer}", self.ids.viewer, "", look)

    def _open(self, path: str, user: str, scopes: str, look: Look) -> Page:
        page = self.browser.new_context(**look).new_page()
        page.goto(f"{self.settings['API_URL']}/console{path}")
        page.fill("#token", sample.mint(self.settings, user, scopes, MAX_LIFE))
        page.click("#sign-in button")
        page.wait_for_selector("#connection[data-live=true]")
        return page


def main() -> int:
    """Make them all; 0 when they are there."""
    with (
        Stack(say=print) as stack,
        chromium() as browser,
        MongoClient[dict[str, Any]](stack.settings["MONGODB_URI"]) as client,
    ):
        ids = sample.insert(stack.settings["MONGODB_URI"])
        database = client.get_default_database()
        second_viewer(database, ids)
        opener = Opener(browser, stack.settings, ids)
        pages = {name: opener.viewer(look) for name, look in VIEWERS.items()}
        pages |= {name: opener.streamer(look) for name, look in STREAMERS.items()}
        live_through(database, ids, pages["console.png"])
        for name, page in pages.items():
            shoot(page, FIGURES / name)
    return 0


def second_viewer(database: Database[dict[str, Any]], ids: sample.Sample) -> None:
    """Let another viewer join the goal, with most of the time still left."""
    viewer, now = ObjectId(), datetime.now(UTC)
    bought = {"nbf": now, "duration": sample.BOUGHT, "exp": now + timedelta(seconds=170)}
    database["session"].update_one({"_id": ObjectId(ids.session)}, {"$set": {f"viewers.{viewer}": bought}})
    database["goal"].update_one({"_id": ObjectId(ids.goal)}, {"$push": {"context.exclusive_to": viewer}})


def live_through(database: Database[dict[str, Any]], ids: sample.Sample, streamer: Page) -> None:
    """An extension that is rejected, one whose first answer gets lost, one as it should be."""
    session, duration = {"_id": ObjectId(ids.session)}, f"viewers.{ids.viewer}.duration"
    database["session"].update_one(session, {"$set": {duration: "unreadable"}})
    extend(streamer, "rejected")
    database["session"].update_one(session, {"$set": {duration: sample.BOUGHT}})
    streamer.route("**/extend?*", lose_answer, times=1)
    extend(streamer, "done")
    extend(streamer, "done")


def extend(streamer: Page, outcome: str) -> None:
    """Click, and wait for the outcome of this very click."""
    before = streamer.locator(".goal .timeline > li").count()
    streamer.click(EXTEND)
    newest = streamer.locator(f".goal .timeline > li:nth-last-child({before + 1})[data-status={outcome}]")
    newest.wait_for()


def lose_answer(route: Route) -> None:
    """Let the call reach the service, and its answer nobody."""
    route.fetch()
    route.abort()


def shoot(page: Page, path: Path) -> None:
    """Write the picture of the whole page."""
    page.mouse.move(0, 0)  # where it changes no colour
    page.screenshot(path=path, full_page=True, animations="disabled")
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    end(main)
