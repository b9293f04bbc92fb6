"""A viewer of a streamer's sd stream has one channel, and its name says whose it is."""

import pytest

from swag_goals.events.stream_authorized import channel, parties

STREAMER, VIEWER = "5" * 24, "f" * 24
NAME = f"presence-stream-viewer@{STREAMER}.sd.{VIEWER}"


def test_the_name_is_the_contracts() -> None:
    assert channel(STREAMER, VIEWER) == NAME


def test_a_name_holds_the_streamer_and_the_viewer() -> None:
    assert parties(NAME) == (STREAMER, VIEWER)


@pytest.mark.parametrize(
    "name",
    [
        "",
        NAME[:-1],
        NAME + "0",
        NAME + "\n",
        NAME.upper(),
        NAME.replace("presence-", "private-"),
        NAME.replace(".sd.", ".hd."),
        NAME.replace(".sd.", "xsdx"),
        f"x{NAME}",
    ],
)
def test_any_other_name_is_nobodys(name: str) -> None:
    assert parties(name) is None
