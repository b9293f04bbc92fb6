"""POST /pusher/auth: who may join which channel."""

import hmac
import json
from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

import pytest

from dev.stack.stack import Stack
from tests.api.client import Answer, ask, bearer

STREAMER, VIEWER, STRANGER = "5" * 24, "7" * 24, "a" * 24
CHANNEL = f"presence-stream-viewer@{STREAMER}.sd.{VIEWER}"
SOCKET = "1234.5678"
FORM = ("Content-Type", "application/x-www-form-urlencoded")

OTHER_CHANNELS = (
    f"presence-stream-viewer@{STREAMER}.sd.{STRANGER}",
    f"presence-stream-viewer@{STREAMER}.hd.{VIEWER}",
    f"presence-stream-viewer@{STREAMER}.sd.{VIEWER}.",
    f"presence-stream-viewer@{STREAMER}.sd.{VIEWER}\n",
    f" presence-stream-viewer@{STREAMER}.sd.{VIEWER}",
    f"presence-stream-viewer@{STREAMER}.sd.{VIEWER},x",
    f"presence-stream-viewer@{STREAMER}.SD.{VIEWER}",
    f"presence-stream-viewer@{STREAMER}.sd",
    f"presence-stream-viewer@.sd.{VIEWER}",
    f"presence-stream@{STREAMER}.sd.{VIEWER}",
    f"private-stream-viewer@{STREAMER}.sd.{VIEWER}",
    f"stream-viewer@{STREAMER}.sd.{VIEWER}",
    f"private-encrypted-{VIEWER}",
    f"#server-to-user-{VIEWER}",
    "presence-stream-viewer@*.sd.*",
    "presence-stream-viewer@\x00",
    "頻道",
    "",
)

MALFORMED_SOCKETS = (
    "",
    "1234",
    "1234.",
    ".5678",
    "1234.5678.9",
    "1234.5678\n",
    " 1234.5678",
    "1234:5678",
    "a.b",
    "-1.2",
    "1e3.2",
    "١٢٣٤.٥٦٧٨",
    "1234.5678:presence-x",
)


def join(door: Stack, user: str, *scopes: str, channel: str = CHANNEL, socket: str = SOCKET) -> Answer:
    return post(door, user, [("socket_id", socket), ("channel_name", channel)], *scopes)


def post(door: Stack, user: str, fields: Iterable[tuple[str, str]], *scopes: str) -> Answer:
    headers = [bearer(door, user, *scopes), FORM]
    return ask(door, "POST", "/pusher/auth", headers, urlencode(list(fields)).encode())


@pytest.mark.parametrize(("user", "scopes"), [(VIEWER, ()), (VIEWER, ("CREATOR",)), (STREAMER, ("CREATOR",))])
def test_its_viewer_and_its_streamer_may(door: Stack, user: str, scopes: tuple[str, ...]) -> None:
    answer = join(door, user, *scopes)

    app = urlsplit(door.settings["PUSHER_URL"])
    data = json.dumps({"user_id": user, "user_info": {}})
    signature = hmac.digest(str(app.password).encode(), f"{SOCKET}:{CHANNEL}:{data}".encode(), "sha256").hex()
    assert answer.status == 200
    assert answer.body == {"auth": f"{app.username}:{signature}", "channel_data": data}


@pytest.mark.parametrize("scopes", [(), ("PAID", "creator", "CREATORX")])
def test_its_streamer_may_not_without_the_scope(door: Stack, scopes: tuple[str, ...]) -> None:
    assert join(door, STREAMER, *scopes).status == 403


def test_a_stranger_may_not(door: Stack) -> None:
    answer = join(door, STRANGER, "CREATOR")

    assert (answer.status, answer.body["code"]) == (403, "channel_forbidden")


@pytest.mark.parametrize("channel", OTHER_CHANNELS)
def test_nobody_may_join_any_other_channel(door: Stack, channel: str) -> None:
    assert join(door, VIEWER, "CREATOR", channel=channel).status == 403


@pytest.mark.parametrize("socket", MALFORMED_SOCKETS)
def test_a_malformed_socket_is_refused(door: Stack, socket: str) -> None:
    answer = join(door, VIEWER, socket=socket)

    assert (answer.status, answer.body["code"]) == (400, "form_malformed")


def test_whose_channel_it_is_comes_before_the_socket(door: Stack) -> None:
    assert join(door, STRANGER, socket="x").status == 403


@pytest.mark.parametrize("missing", ["socket_id", "channel_name"])
def test_each_field_is_needed_once(door: Stack, missing: str) -> None:
    fields = {"socket_id": SOCKET, "channel_name": CHANNEL}
    without = [(name, value) for name, value in fields.items() if name != missing]

    assert post(door, VIEWER, without).status == 400
    assert post(door, VIEWER, [*fields.items(), (missing, fields[missing])]).status == 400


def test_a_channel_of_another_beside_one_s_own_is_refused(door: Stack) -> None:
    fields = [("socket_id", SOCKET), ("channel_name", CHANNEL), ("channel_name", OTHER_CHANNELS[0])]

    assert post(door, VIEWER, fields).status == 403


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", "x", ""])
def test_what_is_no_form_has_no_fields(door: Stack, kind: str) -> None:
    content = json.dumps({"socket_id": SOCKET, "channel_name": CHANNEL}).encode()

    assert ask(door, "POST", "/pusher/auth", [bearer(door, VIEWER), ("Content-Type", kind)], content).status == 400


def test_a_form_as_large_as_may_be_is_read(door: Stack) -> None:
    fields = urlencode({"socket_id": SOCKET, "channel_name": CHANNEL, "x": ""})
    content = fields.ljust(1024, "x").encode()

    assert ask(door, "POST", "/pusher/auth", [bearer(door, VIEWER), FORM], content).status == 200
    assert ask(door, "POST", "/pusher/auth", [bearer(door, VIEWER), FORM], content + b"x").status == 413


def test_without_a_token_nobody_may(door: Stack) -> None:
    content = urlencode({"socket_id": SOCKET, "channel_name": CHANNEL}).encode()

    assert ask(door, "POST", "/pusher/auth", [FORM], content).status == 401
