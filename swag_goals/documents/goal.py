"""Goals: what a streamer offers. Other programs write them; this one only reads."""

from typing import Any

from bson import ObjectId
from mongoengine import Document

from swag_goals.documents.foreign_field import ForeignField
from swag_goals.documents.ids import either_form, hex_id

MAX_VIEWERS = 100
# What is read of a goal: a field of another program could have any name, also one that MongoEngine stumbles over.
FIELDS = ("active", "metadata", "context")
# MongoEngine's own query for the kind finds it inside an array as well, and then fails on it.
_OF_ONE_KIND = {"_cls": {"$not": {"$type": "array"}}}
_ONLY_ID = {"$project": {"_id": 1}}

# Why a goal cannot be extended: the code, and what is wrong with the goal.
NOT_EXTENDABLE = {
    "goal_without_session": "its context names no session",
    "goal_without_viewers": "its exclusive_to is not a list with somebody in it",
    "goal_viewers_malformed": "its exclusive_to holds something else than ids",
    "goal_viewers_too_many": f"its exclusive_to names more than {MAX_VIEWERS} viewers",
}


class GoalNotFound(Exception):
    """No such goal, or none that is this caller's to know."""


class GoalNotExtendable(Exception):
    """The goal names no session or no viewers to extend; `code` is one of NOT_EXTENDABLE."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Goal(Document):  # type: ignore[misc]
    """Any goal. `metadata.user.id` is its streamer."""

    active = ForeignField()
    metadata = ForeignField()
    context = ForeignField()

    meta = {"collection": "goal", "allow_inheritance": True, "strict": False, "auto_create_index": False}


class ExclusiveGoal(Goal):
    """The one-to-one kind: its `context` names one session and who it is exclusive to."""

    @classmethod
    def active_with_extension(
        cls, goal_id: str, streamer_id: str, extension_id: ObjectId
    ) -> "tuple[ExclusiveGoal | None, bool]":
        """The streamer's active exclusive goal, and whether the extension is recorded already.

        In one round trip, since every call makes it. None where the goal is unknown, inactive,
        another kind or another's; then nothing is said of the extension.
        """
        # A stage, as to filter MongoEngine's query set costs as much as to send it.
        its = {"_id": ObjectId(goal_id), "active": True, **_OF_ONE_KIND, **_owned_by(streamer_id)}
        known = {"from": "extension", "pipeline": [{"$match": {"_id": extension_id}}, _ONLY_ID], "as": "known"}
        ours = dict.fromkeys(("_cls", *FIELDS), 1)
        for found in cls.objects.aggregate([{"$match": its}, {"$project": ours}, {"$lookup": known}]):
            goal = cls._from_son(found)
            # A query also looks inside arrays: `active: [true]` is not an active goal.
            if goal.active is True and goal.streamer_id == streamer_id:
                return goal, bool(found["known"])
        return None, False

    @classmethod
    def find(cls, goal_id: str) -> "ExclusiveGoal | None":
        """The goal, whosever it is; None where there is none of this kind."""
        return cls._read(_id=ObjectId(goal_id)).first() if hex_id(goal_id) else None

    @classmethod
    def belongs(cls, goal_id: str, streamer_id: str) -> bool:
        """Whether this is, or was, an exclusive goal of the streamer."""
        goals = cls._read(_id=ObjectId(goal_id), **_owned_by(streamer_id)) if hex_id(goal_id) else ()
        return any(goal.streamer_id == streamer_id for goal in goals)

    @classmethod
    def running(cls, streamer_id: str, limit: int) -> "list[ExclusiveGoal]":
        """The streamer's active exclusive goals, newest first, at most `limit`."""
        goals = cls._read(active=True, **_owned_by(streamer_id)).order_by("-id").limit(limit)
        return [goal for goal in goals if goal.active is True and goal.streamer_id == streamer_id]

    @classmethod
    def all_running(cls) -> "list[ExclusiveGoal]":
        """Everybody's active exclusive goals. Of a collection with all that have ended, by the index of the active."""
        goals = cls._read(active=True).hint([("metadata.user.id", 1), ("_id", -1)]).no_cache()
        return [goal for goal in goals if goal.active is True]

    @classmethod
    def streams(cls, session_id: str, streamer_id: str) -> bool:
        """Whether the streamer owns an exclusive goal whose context names the session."""
        goals = cls._read(**{"context.session_id": either_form(session_id)}, **_owned_by(streamer_id))
        return any(
            goal.streamer_id == streamer_id and hex_id(_get(goal.context, "session_id")) == session_id for goal in goals
        )

    @classmethod
    def _read(cls, **query: Any) -> Any:
        return cls.objects(__raw__={**_OF_ONE_KIND, **query}).only(*FIELDS)

    @property
    def streamer_id(self) -> str | None:
        """The owner's id as text, or None where the document names nobody."""
        return hex_id(_get(_get(self.metadata, "user"), "id"))

    def audience(self) -> tuple[str, list[str]]:
        """The session's id and the ids of the viewers whose time is extended, each one once.

        :raises GoalNotExtendable: the context is not one that can be extended.
        """
        session_id = hex_id(_get(self.context, "session_id"))
        if session_id is None:
            raise GoalNotExtendable("goal_without_session")
        viewers = _get(self.context, "exclusive_to")
        if not isinstance(viewers, list) or not viewers:
            raise GoalNotExtendable("goal_without_viewers")
        ids = dict.fromkeys(hex_id(viewer) for viewer in viewers)
        if None in ids:
            raise GoalNotExtendable("goal_viewers_malformed")
        if len(ids) > MAX_VIEWERS:
            raise GoalNotExtendable("goal_viewers_too_many")
        return session_id, [viewer for viewer in ids if viewer]

    def obstacle(self) -> str | None:
        """Why it cannot be extended as it stands, in words; None where it can."""
        if self.active is not True or self.streamer_id is None:
            return "it is not active, or names no streamer"
        try:
            self.audience()
        except GoalNotExtendable as refusal:
            return NOT_EXTENDABLE[refusal.code]
        return None


def _owned_by(streamer_id: str) -> dict[str, Any]:
    return {"metadata.user.id": either_form(streamer_id)}


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
