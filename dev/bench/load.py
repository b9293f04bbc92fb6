"""Calls as many streamers' browsers make them, over connections that are kept."""

import json
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from urllib.parse import urlsplit

from bson import ObjectId

from dev.bench.checks import Wrong
from dev.bench.streams import Stream
from swag_goals.auth.tokens import mint
from swag_goals.settings import Settings

TIMEOUT = 20.0  # seconds
ACCEPTED = 202


@dataclass(frozen=True)
class Call:
    """When it was made, in seconds of the epoch, and the extension that was answered; None of a bare route."""

    at: float
    extension: ObjectId | None


class Callers:
    """The streamers of these streams, signed in. They raise Wrong where an answer is not a 202."""

    def __init__(self, settings: Mapping[str, str], streams: Sequence[Stream]) -> None:
        checked = Settings.from_environ(settings)
        self._signed_in = [
            (stream, mint(checked, stream.streamer, ["PAID", "HUMAN", "CREATOR"], 3600, uuid.uuid4().hex[:16]))
            for stream in streams
        ]

    def call_singly(self, url: str, count: int) -> Iterator[Call]:
        """So many calls, each when the caller takes the next one."""
        with connection(url) as server:
            for stream, token in islice(cycle(self._signed_in), count):
                yield call(server, stream, token)

    def call_all(self, url: str, count: int, side_by_side: int) -> list[Call]:
        """So many calls, each as soon as one of those before it is answered."""
        return self._call(url, [0.0] * count, side_by_side)

    def call_steadily(self, url: str, count: int, rate: float) -> list[Call]:
        """So many calls, so many a second, whether or not those before are answered; `at` is when one was due."""
        began = time.time()
        return self._call(url, [began + number / rate for number in range(count)], 32)

    def _call(self, url: str, due: Sequence[float], side_by_side: int) -> list[Call]:
        todo = zip(due, cycle(self._signed_in), strict=False)
        lock = threading.Lock()

        def caller() -> list[Call]:
            made: list[Call] = []
            with connection(url) as server:
                while True:
                    with lock:
                        turn = next(todo, None)
                    if turn is None:
                        return made
                    at, (stream, token) = turn
                    time.sleep(max(at - time.time(), 0))
                    answered = call(server, stream, token)
                    made.append(Call(at or answered.at, answered.extension))

        with ThreadPoolExecutor(side_by_side) as threads:
            callers = [threads.submit(caller) for _ in range(side_by_side)]
        return [made for each in callers for made in each.result()]


@contextmanager
def connection(url: str) -> Iterator[HTTPConnection]:
    """A connection that is kept for many calls."""
    server = HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    try:
        yield server
    finally:
        server.close()


def call(server: HTTPConnection, stream: Stream, token: str) -> Call:
    """PUT /goals/{goal_id}/extend, as Chrome sends it.

    :raises Wrong: the answer is not a 202.
    """
    headers = {
        "Accept": "*/*",
        "Accept-Language": "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7",
        "Authorization": f"Bearer {token}",
        "Content-Length": "0",
        "Origin": "https://swag.live",
        "Referer": "https://swag.live/",
        "X-Client-ID": str(uuid.uuid4()),
        "X-Request-ID": str(uuid.uuid4()),
        "X-Session-ID": str(uuid.uuid4()),
    }
    at = time.time()
    server.request("PUT", f"/goals/{stream.goal}/extend?lang=zh-hant", headers=headers)
    answer = server.getresponse()
    body = json.loads(answer.read())
    if answer.status != ACCEPTED:
        raise Wrong(f"the answer is {answer.status} {body}")
    return Call(at, ObjectId(body["id"]) if "id" in body else None)
