"""`flask goal`, `flask session` and `flask permission`: what is so, and why."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from tests import factories
from tests.commands.conftest import Run
from tests.factories import OneToOne

Documents = Database[dict[str, Any]]


class TestGoal:
    def test_it_shows_whom_it_would_extend(self, documents: Documents, flask: Run) -> None:
        one = factories.one_to_one(documents)
        extension = factories.recorded(one)

        shown = flask("goal", "show", one.goal_id, "--json").json

        assert shown["can_be_extended"] == "yes"
        assert (shown["active"], shown["streamer_id"]) == (True, one.streamer_id)
        assert shown["session_id"] == one.session_id
        assert shown["viewers"] == list(one.viewers)
        assert [each["id"] for each in shown["extensions"]] == [str(extension.id)]

    def test_what_other_programs_keep_in_it_is_not_looked_at(self, documents: Documents, flask: Run) -> None:
        one = OneToOne()
        factories.goal(documents, one, self=1, _created=True)

        assert flask("goal", "show", one.goal_id, "--json").json["can_be_extended"] == "yes"

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"active": False}, "it is not active"),
            ({"active": [True]}, "it is not active"),
            ({"metadata": None}, "names no streamer"),
            ({"context": None}, "names no session"),
            ({"context": {"session_id": "a" * 24, "exclusive_to": ["?"]}}, "something else than ids"),
            ({"_cls": "Goal"}, "not an exclusive goal"),
            ({"_cls": "Goal.Karaoke"}, "not an exclusive goal"),
        ],
    )
    def test_it_says_why_it_cannot_be_extended(
        self, documents: Documents, flask: Run, changes: dict[str, Any], why: str
    ) -> None:
        one = factories.OneToOne()
        factories.goal(documents, one, **changes)

        shown = flask("goal", "show", one.goal_id, "--json").json

        assert shown["can_be_extended"].startswith("no: ")
        assert why in shown["can_be_extended"]

    def test_an_unknown_one_is_said_to_be_none(self, flask: Run) -> None:
        assert flask("goal", "show", "0" * 24).status == 1


class TestSession:
    def test_it_shows_each_viewers_remaining_time(self, documents: Documents, flask: Run) -> None:
        session_id, lasting, over = (factories.new_id() for _ in range(3))
        viewers = {lasting: factories.permission(ends_in=100), over: factories.permission(ends_in=-100)}
        factories.session(documents, session_id, viewers=viewers)

        permissions = flask("session", "show", session_id, "--json").json["permissions"]

        assert 50 < permissions[lasting]["remaining_seconds"] <= 100
        assert permissions[over]["remaining_seconds"] == 0

    def test_it_shows_what_the_guard_remembers(self, documents: Documents, flask: Run) -> None:
        session_id, extension_id = factories.new_id(), ObjectId()
        factories.session(documents, session_id, swag_goals={"revision": 7, "applied": [extension_id]})

        shown = flask("session", "show", session_id, "--json").json

        assert (shown["revision"], shown["guarded_extensions"]) == (7, [str(extension_id)])

    def test_what_cannot_be_read_is_shown_as_it_stands(self, documents: Documents, flask: Run) -> None:
        session_id, viewer = factories.new_id(), factories.new_id()
        factories.session(documents, session_id, viewers={viewer: {"exp": "tomorrow"}})

        ended = flask("session", "show", session_id, "--json")

        assert ended.json["permissions"][viewer] == {"unreadable": "{'exp': 'tomorrow'}"}

    @pytest.mark.parametrize("unknown", ["x", "0" * 24])
    def test_an_unknown_one_is_said_to_be_none(self, flask: Run, unknown: str) -> None:
        assert flask("session", "show", unknown).stderr == f"Error: There is no session {unknown}.\n"

    def test_one_without_viewers_and_guard_is_shown_too(self, documents: Documents, flask: Run) -> None:
        session_id = factories.new_id()
        factories.session(documents, session_id, viewers=None, swag_goals=None)

        shown = flask("session", "show", session_id, "--json").json

        assert (shown["permissions"], shown["guarded_extensions"]) == ({}, [])

    @pytest.mark.parametrize("viewers", [[], "none", 5])
    def test_viewers_that_cannot_be_read_are_shown_as_they_stand(
        self, documents: Documents, flask: Run, viewers: Any
    ) -> None:
        session_id = factories.new_id()
        factories.session(documents, session_id, viewers=viewers)

        assert flask("session", "show", session_id, "--json").json["permissions"] == {"unreadable": repr(viewers)}

    @pytest.mark.parametrize("swag_goals", ["mine", [], {"applied": {"x": 1}}])
    def test_so_is_a_guard_that_another_program_wrote(self, documents: Documents, flask: Run, swag_goals: Any) -> None:
        session_id = factories.new_id()
        factories.session(documents, session_id, swag_goals=swag_goals)

        shown = flask("session", "show", session_id, "--json").json["guarded_extensions"]

        assert shown == {"unreadable": repr(swag_goals)}


class TestPermission:
    def test_it_shows_one_viewers_own(self, documents: Documents, flask: Run) -> None:
        session_id, viewer = factories.new_id(), factories.new_id()
        factories.session(documents, session_id, viewers={viewer: factories.permission(ends_in=100, duration=360)})

        shown = flask("permission", "show", session_id, viewer, "--json").json

        assert (shown["viewer_id"], shown["duration"]) == (viewer, 360)
        assert 50 < shown["remaining_seconds"] <= 100

    @pytest.mark.parametrize("viewers", ["all", 1, [1]])
    def test_what_cannot_be_read_is_shown_as_it_stands(self, documents: Documents, flask: Run, viewers: Any) -> None:
        session_id, viewer = factories.new_id(), factories.new_id()
        factories.session(documents, session_id, viewers=viewers)

        assert "unreadable" in flask("permission", "show", session_id, viewer, "--json").json

    @pytest.mark.parametrize("viewer", ["nonsense", "0" * 24])
    def test_a_viewer_without_one_is_said_to_have_none(self, documents: Documents, flask: Run, viewer: str) -> None:
        session_id = factories.new_id()
        factories.session(documents, session_id, viewers={})

        ended = flask("permission", "show", session_id, viewer)

        assert (ended.status, ended.stderr) == (1, f"Error: The session has no permission for {viewer}.\n")
