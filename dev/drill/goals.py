"""Goals with their sessions, as other programs would have written them."""

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from dev.stack.sample import goal_document
from swag_goals.auth.tokens import mint
from swag_goals.documents.extension import Extension
from swag_goals.events.stream_authorized import channel
from swag_goals.settings import Settings

Permission = dict[str, Any]
LIFETIME = 3600  # seconds that a streamer's token lasts: longer than any drill


@dataclass(frozen=True)
class DrilledGoal:
    """A streamer's exclusive goal, and what each viewer had before the drill (None: nothing). Ids are text."""

    streamer: str
    goal: str
    session: str
    token: str
    bought: Mapping[str, Permission | None]

    @property
    def channels(self) -> list[str]:
        """Where the viewers' browsers are notified."""
        return [channel(self.streamer, viewer) for viewer in self.bought]

    def extension(self, key: str) -> str:
        """The id of the extension that this key stands for."""
        return str(Extension.id_for(self.streamer, self.goal, key))


def insert(
    database: Database[dict[str, Any]], settings: Mapping[str, str], chance: random.Random, count: int
) -> list[DrilledGoal]:
    """Write so many goals, each with a session and one to three viewers."""
    parsed = Settings.from_environ(settings)
    goals = [_goal(parsed, chance) for _ in range(count)]
    database.session.insert_many([_session_document(goal) for goal in goals])
    database.goal.insert_many([_goal_document(goal) for goal in goals])
    return goals


def _goal(settings: Settings, chance: random.Random) -> DrilledGoal:
    streamer, goal, session, *viewers = (chance.randbytes(12).hex() for _ in range(3 + chance.randint(1, 3)))
    token = mint(settings, streamer, ["CREATOR"], LIFETIME, secrets.token_hex(8))
    return DrilledGoal(streamer, goal, session, token, {viewer: _permission(chance) for viewer in viewers})


def _permission(chance: random.Random) -> Permission | None:
    """Used up, still lasting, or nothing yet."""
    now = datetime.now(UTC)
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB keeps it
    ends = chance.choice([timedelta(seconds=-60), timedelta(seconds=120), None])
    if ends is None:
        return None
    return {"nbf": now - timedelta(seconds=300), "duration": 300, "exp": now + ends}


def _session_document(goal: DrilledGoal) -> dict[str, Any]:
    viewers = {viewer: permission for viewer, permission in goal.bought.items() if permission}
    return {"_id": ObjectId(goal.session), "viewers": viewers, "title": "kept as it is"}


def _goal_document(goal: DrilledGoal) -> dict[str, Any]:
    return goal_document(goal.goal, goal.streamer, ObjectId(goal.session), goal.bought)
