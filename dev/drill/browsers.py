"""Streamers' browsers: each press of the button is repeated with its key until there is a 2xx."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException

from dev.drill.goals import DrilledGoal
from dev.stack import api

PAUSE = (0.3, 1.0)  # seconds between two tries


@dataclass(frozen=True)
class Try:
    """One call: its status (None without an answer), when it was made, and when it was over."""

    status: int | None
    at: float
    over: float
    extension: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether it is a promise."""
        return self.status in (200, 202)


@dataclass
class Press:
    """One press of the button, by one key, and what became of its calls. Times are of the epoch."""

    goal: DrilledGoal
    key: str
    at: float = field(default_factory=time.time)
    tries: list[Try] = field(default_factory=list)

    @property
    def extension(self) -> str:
        """The id of its extension."""
        return self.goal.extension(self.key)

    @property
    def accepted_at(self) -> float | None:
        """When the first 2xx was there."""
        return min((each.over for each in self.tries if each.accepted), default=None)

    @property
    def promises(self) -> set[str | None]:
        """The ids of extensions that its 2xx answers named."""
        return {each.extension for each in self.tries if each.accepted}


def call(press: Press, urls: Sequence[str]) -> Try:
    """Make one call to one of the web processes, and keep it."""
    at = time.time()
    try:
        answer = api.extend(random.choice(urls), press.goal.goal, press.goal.token, press.key)
        made = Try(answer.status, at, time.time(), answer.body.get("id"))
    except (OSError, HTTPException, ValueError):
        made = Try(None, at, time.time())
    press.tries.append(made)
    return made


def insist(press: Press, urls: Sequence[str], timeout: float) -> None:
    """Repeat until there is a 2xx, at most `timeout` seconds."""
    until = time.time() + timeout
    while not call(press, urls).accepted and time.time() < until:
        time.sleep(random.uniform(*PAUSE))
