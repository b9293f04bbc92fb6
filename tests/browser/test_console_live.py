"""What the pages show stays right, whatever the connection, the machine and the clocks do."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from playwright.sync_api import Page, WebSocketRoute, expect
from pymongo.database import Database

from dev.stack.stack import Stack
from tests import factories
from tests.browser.console import Console, expect_live, expect_seconds_left, extend_button, extensions, sign_in
from tests.eventually import eventually

Db = Database[dict[str, Any]]
SOON = 10_000  # ms; before either page looks by itself while it is live


@pytest.fixture
def without_pusher(stack: Stack) -> Iterator[Callable[[], None]]:
    """Stops Pusher when it is called; Pusher runs again after the test."""
    yield lambda: stack.stop("pusher")
    stack.start("pusher")


def ending_in(database: Db, seconds: float) -> factories.OneToOne:
    """A goal whose one viewer has so many seconds left."""
    one = factories.OneToOne()
    factories.goal(database, one)
    factories.session(database, one.session_id, viewers={one.viewers[0]: factories.permission(ends_in=seconds)})
    return one


def change_unseen(database: Db, one: factories.OneToOne, seconds: float) -> None:
    """Let the viewer's time end so many seconds from now, as a program does that notifies nobody."""
    exp = {f"viewers.{one.viewers[0]}.exp": factories.seconds_from_now(seconds)}
    database["session"].update_one({"_id": ObjectId(one.session_id)}, {"$set": exp})


def exp_of(database: Db, one: factories.OneToOne) -> datetime:
    found = database["session"].find_one({"_id": ObjectId(one.session_id)})
    assert found
    exp: datetime = found["viewers"][one.viewers[0]]["exp"]
    return exp


def look_again(page: Page) -> None:
    """Come back to the page's tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def expect_right(page: Page, ends_at: datetime, within: float = SOON / 1000) -> None:
    """Wait until the one bar shows the seconds that are left."""

    def is_right() -> bool:
        shown = page.get_by_role("meter").get_attribute("aria-valuenow")
        return abs(int(shown or -1) - (ends_at - datetime.now(UTC)).total_seconds()) < 4

    eventually(is_right, within)


def test_while_pusher_is_unavailable_the_pages_ask_and_then_get_events_again(
    console: Console, stack: Stack, database: Db, without_pusher: Callable[[], None]
) -> None:
    one = factories.one_to_one(database)
    streamer, viewer = console.streamer(one), console.viewer(one)
    without_pusher()
    expect(viewer.locator("#connection")).to_have_text("Not live, refreshed every few seconds")

    change_unseen(database, one, 100)
    expect_seconds_left(streamer, 60, 100)
    expect_seconds_left(viewer, 60, 100)

    extend_button(streamer).click()
    expect(extensions(streamer)).to_have_attribute("data-status", "applied")
    expect_seconds_left(viewer, 101, 160)
    expect(viewer.locator("#none-received")).to_be_visible()

    stack.start("pusher")
    viewer.evaluate("window.dispatchEvent(new Event('online'))")  # else pusher-js takes its time
    expect_live(viewer)
    expect(extensions(streamer)).to_have_attribute("data-status", "done")
    extend_button(streamer).click()  # as the first one's event may have come before the viewer was back
    expect(viewer.locator("#received > li").first).to_be_visible()


def test_a_service_that_does_not_answer_is_not_called_live(console: Console, database: Db) -> None:
    viewer = console.viewer(factories.one_to_one(database))
    viewer.route("**/permissions/me*", lambda route: route.abort())
    viewer.evaluate("window.dispatchEvent(new Event('online'))")
    expect(viewer.locator("#connection")).to_have_attribute("data-live", "false")

    viewer.unroute_all()
    viewer.evaluate("window.dispatchEvent(new Event('online'))")

    expect_live(viewer)


def test_signing_out_while_it_looks_leaves_nothing_behind(console: Console, database: Db) -> None:
    viewer = console.viewer(factories.one_to_one(database))
    viewer.route("**/permissions/me*", lambda route: None)
    with viewer.expect_request("**/permissions/me*"):
        look_again(viewer)

    viewer.get_by_role("button", name="Sign out").click()
    viewer.evaluate("new Promise((resolve) => setTimeout(resolve))")  # the look has been given up

    expect(viewer.locator("#connection")).to_be_hidden()


def test_what_changed_before_the_subscription_is_read_after_it(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    release: list[Callable[[], None]] = []

    def hold_subscription(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if "subscription_succeeded" in str(message):
                release.append(lambda: socket.send(message))
            else:
                socket.send(message)

        server.on_message(pass_on)

    path = f"/viewer?session={one.session_id}&streamer={one.streamer_id}"
    viewer = console.open(path, prepare=lambda page: page.route_web_socket("**", hold_subscription))
    sign_in(viewer, factories.token(console.stack.settings, one.viewers[0], scopes=["PAID"]))
    eventually(lambda: viewer.evaluate("0") == 0 and release)  # a call lets Playwright handle what came
    expect(viewer.locator("#connection")).to_have_attribute("data-live", "false")
    change_unseen(database, one, 200)

    release[0]()

    expect_live(viewer)
    expect(viewer.get_by_role("meter")).not_to_have_attribute("aria-valuenow", "0", timeout=SOON)


def test_a_page_that_is_looked_at_again_is_right_at_once(console: Console, database: Db) -> None:
    one = ending_in(database, 100)
    for page in (
        console.viewer(one, prepare=lambda page: page.clock.install()),
        console.streamer(one, prepare=lambda page: page.clock.install()),
    ):
        page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=5))  # no timer runs from here on
        change_unseen(database, one, 250)

        look_again(page)

        expect_seconds_left(page, 200, 250)
        change_unseen(database, one, 100)


def test_sessions_come_and_go_as_they_run(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    expect(streamer.locator(".goal")).to_have_count(1)
    factories.goal(database, replace(one, goal_id=factories.new_id()))
    look_again(streamer)
    expect(streamer.locator(".goal")).to_have_count(2)

    database["goal"].update_many({"metadata.user.id": one.streamer_id}, {"$set": {"active": False}})
    look_again(streamer)

    expect(streamer.locator(".goal")).to_have_count(0)
    expect(streamer.locator("#none")).to_be_visible()


def test_a_permission_that_cannot_be_read_any_more_is_shown_as_such(console: Console, database: Db) -> None:
    one = ending_in(database, 200)
    viewer = console.viewer(one)
    expect_seconds_left(viewer, 150, 200)
    entry = f"viewers.{one.viewers[0]}"
    database["session"].update_one({"_id": ObjectId(one.session_id)}, {"$set": {f"{entry}.exp": "tomorrow"}})

    look_again(viewer)

    expect(viewer.locator("#trouble")).to_contain_text("The permission is unreadable")
    expect_seconds_left(viewer, 0, 0)


def test_the_time_of_a_session_that_is_gone_does_not_run_on(console: Console, database: Db) -> None:
    one = ending_in(database, 200)
    streamer = console.streamer(one)
    expect_seconds_left(streamer, 150, 200)
    database["session"].delete_one({"_id": ObjectId(one.session_id)})

    look_again(streamer)

    expect(streamer.locator(".goal .remark").first).to_contain_text("there is no such session")
    expect_seconds_left(streamer, 0, 0)


def test_time_that_has_not_started_does_not_run(console: Console, database: Db) -> None:
    one = factories.OneToOne()
    begins = factories.seconds_from_now(600)
    permission = {"nbf": begins, "duration": 300, "exp": begins + timedelta(seconds=300)}
    factories.session(database, one.session_id, viewers={one.viewers[0]: permission})
    viewer = console.viewer(one)

    expect_seconds_left(viewer, 300, 300)
    expect(viewer.locator(".begins")).to_have_text(re.compile(r"^Begins in 9:\d\d$"))


def test_after_sleep_the_countdown_is_right(console: Console, database: Db) -> None:
    one = ending_in(database, 250)
    viewer = console.viewer(one, prepare=lambda page: page.clock.install())

    viewer.clock.fast_forward(12_000)  # asleep, or the clock was set: nothing of it came to pass for the service

    expect_right(viewer, exp_of(database, one))


@pytest.mark.parametrize(("minutes", "word"), [(7, "fast"), (-7, "slow")])
def test_a_browser_clock_that_is_minutes_wrong_changes_nothing(
    console: Console, database: Db, minutes: int, word: str
) -> None:
    one = ending_in(database, 250)
    wrong = datetime.now(UTC) + timedelta(minutes=minutes)
    viewer = console.viewer(one, prepare=lambda page: page.clock.install(time=wrong))

    expect_right(viewer, exp_of(database, one))
    expect(viewer.locator("#facts")).to_contain_text(f"{word}, corrected")
