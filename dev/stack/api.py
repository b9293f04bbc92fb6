"""Calls the service as the streamer's and the viewer's browsers do."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 20.0  # seconds; the service answers within 15


@dataclass(frozen=True)
class Answer:
    """What the service said: its status, its headers, and its JSON."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


def extend(api_url: str, goal: str, token: str, request_id: str | None = None) -> Answer:
    """The browser's `PUT /goals/{goal}/extend`; a `request_id` given again makes it a repeat.

    :raises OSError: when no answer comes.
    """
    headers = {
        "Accept": "*/*",
        "Accept-Language": "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7",
        "Content-Length": "0",
        "Referer": "https://swag.live/",
        "X-Client-ID": str(uuid.uuid4()),
        "X-Request-ID": request_id or str(uuid.uuid4()),
        "X-Session-ID": str(uuid.uuid4()),
    }
    return ask(api_url, "PUT", f"/goals/{goal}/extend?lang=zh-hant", token, headers)


def my_permission(api_url: str, session: str, token: str) -> Answer:
    """The viewer's `GET /sessions/{session}/permissions/me`."""
    return ask(api_url, "GET", f"/sessions/{session}/permissions/me", token, {})


def ask(api_url: str, method: str, path: str, token: str, headers: Mapping[str, str]) -> Answer:
    """Send one request without a body, from the page at https://swag.live.

    :raises OSError: when no answer comes.
    """
    connection = HTTPConnection(urlsplit(api_url).netloc, timeout=TIMEOUT)
    everyones = {"Origin": "https://swag.live", "Authorization": f"Bearer {token}"}
    try:
        connection.request(method, path, headers={**everyones, **headers})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), json.loads(response.read()))
    finally:
        connection.close()
