"""What a permission is worth: a real proxy asks, a real player plays, and the viewer's time ends and is extended."""

from playwright.sync_api import Browser

from dev.stack.stack import Stack
from dev.watch.show import show


def test_a_stream_plays_while_there_is_time_and_goes_on_by_itself(stack: Stack, browser: Browser) -> None:
    said: list[str] = []

    show(stack.settings, browser, said.append)

    assert len(said) == 4
