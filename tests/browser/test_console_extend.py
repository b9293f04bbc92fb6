"""The Extend button: from the streamer's click to the viewer's bar."""

import re
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from bson import ObjectId
from playwright.sync_api import Page, Request, Route, expect
from pymongo.database import Database

from tests import factories
from tests.browser.console import Console, expect_seconds_left, extend_button, extensions, sign_in
from tests.eventually import eventually

Db = Database[dict[str, Any]]
CALL = re.compile(r"/goals/[0-9a-f]{24}/extend\?")


def calls(page: Page) -> list[Request]:
    """The extend calls that the page makes from now on."""
    made: list[Request] = []
    page.on("request", lambda request: made.append(request) if CALL.search(request.url) else None)
    return made


def keys(database: Db, one: factories.OneToOne) -> list[str]:
    """The keys of the goal's extensions in the ledger, in the order of the requests."""
    found = database["extension"].find({"goal_id": ObjectId(one.goal_id)}).sort("requested_at")
    return [extension["key"] for extension in found]


def test_a_click_makes_the_viewers_bar_grow(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer, viewer = console.streamer(one), console.viewer(one)
    expect_seconds_left(viewer, 0, 0)

    extend_button(streamer).click()

    expect_seconds_left(viewer, 40, 60)
    expect_seconds_left(streamer, 40, 60)
    expect(viewer.locator("#received > li")).to_contain_text("+60 s")


def test_each_step_of_the_extension_appears(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)

    extend_button(streamer).click()

    expect(extensions(streamer)).to_have_attribute("data-status", "done")
    reached = extensions(streamer).locator(".steps li[data-reached=true] span")
    expect(reached).to_have_text(["Requested", "Applied", "Notified"])
    expect(streamer.locator(".note")).to_have_text("60 more seconds are given.")


def test_the_call_is_the_one_that_browsers_make(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one, locale="zh-TW")
    made = calls(streamer)

    extend_button(streamer).click()
    expect(extensions(streamer)).to_have_count(1)

    (call,) = made
    url = urlsplit(call.url)
    headers = call.all_headers()
    assert (call.method, url.path, url.query) == ("PUT", f"/goals/{one.goal_id}/extend", "lang=zh-hant")
    assert headers["authorization"].startswith("Bearer ")
    assert headers["content-length"] == "0"
    assert "content-type" not in headers
    ids = [headers[name] for name in ("x-client-id", "x-request-id", "x-session-id")]
    assert [str(uuid.UUID(each)) for each in ids] == ids
    assert headers["idempotency-key"] == headers["x-request-id"]


def test_every_click_has_a_key_of_its_own(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    made = calls(streamer)

    for count in (1, 2, 3):
        extend_button(streamer).click()
        expect(extensions(streamer)).to_have_count(count)

    sent = [call.headers["x-request-id"] for call in made]
    assert len(set(sent)) == 3
    assert keys(database, one) == sent


def test_a_double_click_asks_once(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)

    extend_button(streamer).click()
    expect(extend_button(streamer)).to_be_enabled()
    extend_button(streamer).dispatch_event("click", {"detail": 2})

    expect(extensions(streamer)).to_have_attribute("data-status", "done")
    assert len(keys(database, one)) == 1


def test_a_key_held_down_asks_once(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    extend_button(streamer).focus()

    streamer.keyboard.down("Enter")
    for _ in range(3):
        expect(extend_button(streamer)).to_be_enabled()
        streamer.keyboard.down("Enter")
    streamer.keyboard.up("Enter")

    expect(extensions(streamer)).to_have_attribute("data-status", "done")
    assert len(keys(database, one)) == 1


def test_the_button_is_disabled_until_the_answer_and_keeps_the_focus(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    held: list[Route] = []
    streamer.route(CALL, lambda route: held.append(route))  # noqa: PLW0108 - Playwright writes into its handlers

    extend_button(streamer).click()
    expect(extend_button(streamer)).to_be_disabled()
    expect(extend_button(streamer)).to_have_text("Requesting…")
    assert keys(database, one) == []
    eventually(lambda: streamer.evaluate("0") == 0 and held)  # which lets Playwright call its handlers
    held[0].continue_()

    expect(extend_button(streamer)).to_be_enabled()
    expect(extend_button(streamer)).to_be_focused()


def test_leaving_before_the_answer_needs_a_confirmation(console: Console, database: Db) -> None:
    """The key would be gone with the page, and the next click would be another extension."""
    streamer = console.streamer(factories.one_to_one(database))
    streamer.route(CALL, lambda route: None)
    extend_button(streamer).click()
    expect(extend_button(streamer)).to_be_disabled()

    with streamer.expect_event("dialog") as dialog:
        streamer.close(run_before_unload=True)

    assert dialog.value.type == "beforeunload"
    dialog.value.accept()


def test_a_lost_answer_is_requested_again_with_the_same_key(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    made = calls(streamer)

    def lose_the_first(route: Route) -> None:
        if len(made) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    streamer.route(CALL, lose_the_first)
    extend_button(streamer).click()

    expect(extensions(streamer)).to_contain_text("Retried with the same key, given once.")
    expect(streamer.locator(".note")).to_have_text("60 more seconds are given.")
    assert len({call.headers["x-request-id"] for call in made}) == 1
    assert keys(database, one) == [made[0].headers["x-request-id"]]
    expect_seconds_left(streamer, 30, 60)


def test_a_press_whose_outcome_nobody_knows_is_settled_after_signing_in_again(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    made = calls(streamer)

    def lose_the_answer_and_then_the_token(route: Route) -> None:
        if len(made) == 1:
            route.fetch()
            route.abort()
        elif len(made) == 2:
            route.fulfill(status=401, json={})
        else:
            route.continue_()

    streamer.route(CALL, lose_the_answer_and_then_the_token)
    extend_button(streamer).click()
    expect(streamer.get_by_role("alert")).to_contain_text("Paste a new one.")
    sign_in(streamer, factories.token(console.stack.settings, one.streamer_id))
    expect(streamer.locator(".note")).to_contain_text("The last press got no answer.")
    extend_button(streamer).click()

    expect(extensions(streamer)).to_contain_text("Retried with the same key, given once.")
    assert keys(database, one) == [made[0].headers["x-request-id"]]
    extend_button(streamer).click()
    expect(extensions(streamer)).to_have_count(2)


def test_a_gateway_that_replaces_the_request_id_does_not_make_two_of_one(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    made = calls(streamer)

    def replace_the_id_and_lose_the_first_answer(route: Route) -> None:
        headers = route.request.all_headers() | {"x-request-id": str(uuid.uuid4())}
        if len(made) == 1:
            route.fetch(headers=headers)
            route.abort()
        else:
            route.continue_(headers=headers)

    streamer.route(CALL, replace_the_id_and_lose_the_first_answer)
    extend_button(streamer).click()

    expect(extensions(streamer)).to_contain_text("Retried with the same key, given once.")
    assert len(keys(database, one)) == 1


def test_a_refusal_that_comes_before_the_look_for_an_earlier_try_does_not_settle_it(
    console: Console, database: Db
) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    made = calls(streamer)

    def lose_the_answer_and_then_refuse(route: Route) -> None:
        if len(made) == 1:
            route.fetch()
            route.abort()
        elif len(made) == 2:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={})
        else:
            route.continue_()

    streamer.route(CALL, lose_the_answer_and_then_refuse)
    extend_button(streamer).click()
    expect(streamer.locator(".note")).to_contain_text("Too many extensions for now.")
    extend_button(streamer).click()

    expect(extensions(streamer)).to_contain_text("Retried with the same key, given once.")
    assert len(keys(database, one)) == 1


def end_goal(database: Db, one: factories.OneToOne) -> None:
    database["goal"].update_one({"_id": ObjectId(one.goal_id)}, {"$set": {"active": False}})


def test_what_became_of_a_press_is_shown_although_its_goal_ends_meanwhile(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one, prepare=lambda page: page.clock.install())

    def end_before_the_answer(route: Route) -> None:
        response = route.fetch()
        end_goal(database, one)
        route.fulfill(response=response)

    streamer.route(CALL, end_before_the_answer)
    extend_button(streamer).click()

    expect(streamer.get_by_role("heading", level=3)).to_contain_text("ended")
    expect(streamer.locator(".note")).to_have_text("60 more seconds are given.")
    expect(extensions(streamer)).to_have_attribute("data-status", "done")
    expect(extend_button(streamer)).to_be_hidden()
    streamer.clock.fast_forward(61_000)
    expect(streamer.locator(".goal")).to_have_count(0)


def test_a_press_after_the_goal_has_ended_says_so(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)

    def end_before_the_call(route: Route) -> None:
        end_goal(database, one)
        route.continue_()

    streamer.route(CALL, end_before_the_call)
    extend_button(streamer).click()

    expect(streamer.get_by_role("heading", level=3)).to_contain_text("ended")
    expect(streamer.locator(".note")).to_contain_text("No such goal")
    assert keys(database, one) == []


def test_after_too_many_presses_it_says_when_to_go_on(console: Console, database: Db) -> None:
    streamer = console.streamer(factories.one_to_one(database))
    streamer.route(CALL, lambda route: route.fulfill(status=429, headers={"Retry-After": "7"}, json={}))

    extend_button(streamer).click()

    expect(streamer.locator(".note")).to_have_text("Too many extensions for now. Press again in 7 s.")


def test_an_outage_is_waited_out_as_long_as_it_says(console: Console, database: Db) -> None:
    one = factories.one_to_one(database)
    streamer = console.streamer(one)
    requested_at: list[float] = []
    held: list[Route] = []

    def unavailable_at_first(route: Route) -> None:
        requested_at.append(time.monotonic())
        if len(requested_at) == 1:
            route.fulfill(status=503, headers={"Retry-After": "3"}, content_type="application/problem+json", body="{}")
        else:
            held.append(route)

    streamer.route(CALL, unavailable_at_first)
    extend_button(streamer).click()

    expect(streamer.locator(".note")).to_contain_text("is retried in 3 s")
    expect(extend_button(streamer)).to_be_disabled()
    eventually(lambda: streamer.evaluate("0") == 0 and held)
    held[0].continue_()
    expect(extensions(streamer)).to_have_attribute("data-status", "done")
    assert requested_at[1] - requested_at[0] >= 3


def test_a_rejected_extension_says_why(console: Console, database: Db) -> None:
    one = factories.OneToOne()
    factories.goal(database, one)
    factories.session(database, one.session_id, viewers={one.viewers[0]: {"exp": "tomorrow"}})
    streamer = console.streamer(one)

    extend_button(streamer).click()

    expect(extensions(streamer)).to_have_attribute("data-status", "rejected")
    expect(extensions(streamer)).to_contain_text("Nothing was given.")
    expect(extensions(streamer)).to_contain_text("permission is unreadable.")


def test_a_refusal_is_shown_in_the_services_words(console: Console, database: Db) -> None:
    one = factories.OneToOne()
    factories.goal(database, one, context={})
    streamer = console.streamer(one, locale="zh-TW")

    extend_button(streamer).click()

    expect(streamer.locator(".note")).to_contain_text("目標沒有直播場次")
    expect(extend_button(streamer)).to_be_enabled()
    assert keys(database, one) == []
