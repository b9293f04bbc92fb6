"""Browsers that extend goals side by side, and repeat each call until it has its 2xx."""

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from pymongo.database import Database

from dev.stack.api import Answer
from dev.stack.stack import Stack
from swag_goals.documents.extension import Extension
from tests import factories
from tests.factories import OneToOne

PAUSE = 0.05  # seconds between two calls of a browser
GIVE_UP = 60.0  # seconds after which a call that has no 2xx is not repeated


@dataclass
class Crowd:
    """Context manager: each goal is extended again and again until the end, by a browser of its own.

    A request counts as cut off when its extension was recorded and its answer never came.
    """

    stack: Stack
    database: Database[dict[str, Any]]
    goals: Sequence[OneToOne]
    webs: Sequence[str]
    cut_off: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        #: The ids of the extensions that got a 2xx, by their goals' ids.
        self.acknowledged: dict[str, list[str]] = {one.goal_id: [] for one in self.goals}

    def __enter__(self) -> "Crowd":
        self._over = threading.Event()
        self._browsers = [threading.Thread(target=self._browse, args=(number,)) for number in range(len(self.goals))]
        for browser in self._browsers:
            browser.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for browser in self._browsers:
            browser.join()

    def _browse(self, number: int) -> None:
        one = self.goals[number]
        extensions = self.acknowledged[one.goal_id]
        while not self._over.wait(PAUSE):
            key = str(uuid.uuid4())
            answer = self._extended(one, key, number)
            if answer is None:
                self.unanswered.append(key)
            else:
                extensions.append(answer.body["id"])

    def _extended(self, one: OneToOne, key: str, number: int) -> Answer | None:
        until = time.monotonic() + GIVE_UP
        while time.monotonic() < until:
            number += 1  # the next web, as a load balancer would choose
            try:
                answer = factories.extend(self.stack, one, key, web=self.webs[number % len(self.webs)])
            except (OSError, HTTPException, ValueError):
                self._note_if_recorded(one, key)
            else:
                if answer.status in (200, 202):
                    return answer
            time.sleep(PAUSE)
        return None

    def _note_if_recorded(self, one: OneToOne, key: str) -> None:
        extension_id = Extension.id_for(one.streamer_id, one.goal_id, key)
        if self.database["extension"].find_one({"_id": extension_id}):
            self.cut_off.append(key)
