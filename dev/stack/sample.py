"""A goal, its session and the tokens of its people: what other programs would have written."""

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import MongoClient

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.supervisor import StartError

BOUGHT = 300  # seconds, all of them used


@dataclass(frozen=True)
class Sample:
    """The ids, as text, of one streamer's goal with one viewer."""

    streamer: str
    viewer: str
    goal: str
    session: str

    @property
    def channel(self) -> str:
        """Where the viewer's browser is notified."""
        return f"presence-stream-viewer@{self.streamer}.sd.{self.viewer}"


def insert(mongodb_uri: str) -> Sample:
    """Put in an active exclusive goal, and a session whose viewer has just used up what was bought."""
    streamer, viewer, goal, session = (ObjectId() for _ in range(4))
    now = datetime.now(UTC)
    bought = {"nbf": now - timedelta(seconds=BOUGHT), "duration": BOUGHT, "exp": now}
    with MongoClient[dict[str, object]](mongodb_uri, w="majority") as client:
        database = client.get_default_database()
        database.session.insert_one({"_id": session, "viewers": {str(viewer): bought}})
        database.goal.insert_one(goal_document(goal, streamer, session, [viewer]))
    return Sample(str(streamer), str(viewer), str(goal), str(session))


def goal_document(goal: str | ObjectId, streamer: Any, session: Any, viewers: Iterable[Any]) -> dict[str, Any]:
    """An active exclusive goal; what it refers to is written as text or as ObjectIds, as it is given."""
    return {
        "_id": ObjectId(goal),
        "_cls": "Goal.ExclusiveGoal",
        "active": True,
        "metadata": {"user": {"id": streamer}},
        "context": {"session_id": session, "exclusive_to": list(viewers)},
    }


def mint(settings: Mapping[str, str], sub: str, scopes: str, ttl: int) -> str:
    """A token for this user with these scopes (commas between), for `ttl` seconds.

    :raises StartError: when the service's own command refuses; it says why on stderr.
    """
    command = ["flask", "token", "mint", "--sub", sub, "--scopes", scopes, "--ttl", str(ttl)]
    environment = procfile.environment(settings)
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise StartError(f"{' '.join(command[:3])} ended with status {done.returncode}.")
    return done.stdout.strip()
