"""A streamer who presses Extend now and then, and whose browser repeats the call until it is answered."""

import threading
import time
import uuid
from http.client import HTTPException

from dev.stack import api

EVERY = 0.5  # seconds
TIMEOUT = 90.0  # seconds that a browser repeats one call


class Presses:
    """Context manager: presses from entry to exit. `answered` are the ids of the extensions, one a press."""

    def __init__(self, api_url: str, goal: str, token: str) -> None:
        self._call = (api_url, goal, token)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="streamer")
        self.answered: list[str] = []
        self.repeated = 0
        self.unanswered = 0

    def __enter__(self) -> "Presses":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            self._press(str(uuid.uuid4()))

    def _press(self, key: str) -> None:
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            try:
                answer = api.extend(*self._call, request_id=key)
            except (OSError, HTTPException, ValueError):  # an answer that breaks off is none
                answer = None
            if answer and answer.status in (200, 202):
                self.answered.append(answer.body["id"])
                return
            self.repeated += 1
            time.sleep(EVERY)
        self.unanswered += 1
