"""What hostile requests are led to, and whether it is as it should be afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from dev.stack import api, sample
from dev.stack.sample import BOUGHT, Sample

Documents = Database[dict[str, Any]]
Snapshot = Mapping[str, list[dict[str, Any]]]

DAY = 24 * 3600
EXTENSION = 60  # seconds


@dataclass(frozen=True)
class Bait:
    """One streamer's token, and ids that mean something to it, as text."""

    own: Sample
    token: str
    goals: list[str]
    sessions: list[str]
    extension: str
    before: Snapshot


def lay(settings: Mapping[str, str], documents: Documents) -> Bait:
    """Put in goals and sessions of every kind, and record one extension."""
    own, others = (sample.insert(settings["MONGODB_URI"]) for _ in range(2))
    permission = documents.session.find_one({"_id": ObjectId(own.session)})["viewers"][own.viewer]  # type: ignore[index]
    documents.session.update_one({"_id": ObjectId(own.session)}, {"$set": {f"viewers.{own.streamer}": permission}})
    broken = documents.session.insert_one({"viewers": {own.streamer: [], own.viewer: permission}}).inserted_id
    goal = documents.goal.find_one({"_id": ObjectId(own.goal)}) or {}
    changes: list[dict[str, Any]] = [
        {"active": False},
        {"context": None},
        {"context": {"session_id": broken, "exclusive_to": [own.streamer]}},
        {"_cls": "Goal"},
    ]
    goals = [documents.goal.insert_one({**goal, "_id": ObjectId(), **change}).inserted_id for change in changes]
    token = sample.mint(settings, own.streamer, "CREATOR", DAY)
    return Bait(
        own=own,
        token=token,
        goals=[own.goal, others.goal, *map(str, goals)],
        sessions=[own.session, others.session, str(broken)],
        extension=api.extend(settings["API_URL"], own.goal, token).body["id"],
        before=snapshot(documents),
    )


def snapshot(documents: Documents) -> Snapshot:
    """All that other programs own."""
    return {name: list(documents[name].find().sort("_id")) for name in ("goal", "session")}


def lead_to(bait: Bait, description: dict[str, Any]) -> dict[str, Any]:
    """The description, with the bait among the values that it allows."""
    parts = description["components"]
    known = {"goal_id": bait.goals, "session_id": bait.sessions, "extension_id": [bait.extension]}
    for name, ids in known.items():
        parts["parameters"][name]["schema"] = {"anyOf": [{"enum": ids}, parts["parameters"][name]["schema"]]}
    # A malformed one is replaced beside a key, and refused without: that is more than a schema can say.
    for operation in (each for item in description["paths"].values() for each in item.values() if "responses" in each):
        operation["parameters"].remove({"$ref": "#/components/parameters/X-Request-ID"})
    fields = parts["schemas"]["Subscription"]["properties"]
    fields["channel_name"] = {"anyOf": [{"enum": [bait.own.channel]}, fields["channel_name"]]}
    return description


def unsettled(documents: Documents) -> int:
    """How many extensions are still to be applied or notified of."""
    return documents.extension.count_documents({"status": {"$in": ["pending", "applied"]}})


def complaints(bait: Bait, documents: Documents) -> list[str]:
    """What is not as it should be, in words."""
    found = [f"{count} extensions are not settled"] if (count := unsettled(documents)) else []
    now = snapshot(documents)
    own = ObjectId(bait.own.session)
    for name, before in bait.before.items():
        if [each for each in now[name] if each["_id"] != own] != [each for each in before if each["_id"] != own]:
            found.append(f"a {name} was changed that is not to be extended")
    given = documents.extension.count_documents({"session_id": own, "status": "done"})
    seconds = documents.session.find_one({"_id": own})["viewers"][bait.own.viewer]["duration"] - BOUGHT  # type: ignore[index]
    if seconds != EXTENSION * given:
        found.append(f"{given} extensions gave {seconds} s")
    if strangers := documents.extension.count_documents({"streamer_id": {"$ne": ObjectId(bait.own.streamer)}}):
        found.append(f"{strangers} extensions are of somebody else")
    return found
