"""A streamer's goal is extended once for each key, whatever becomes of the goal in between."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import PyMongoError
from rq import Queue

from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.connections import connect_redis
from swag_goals.documents.extension import Extension
from swag_goals.documents.goal import ExclusiveGoal, GoalNotExtendable, GoalNotFound
from swag_goals.queue.extensions import Enqueuer, job_arguments
from swag_goals.services import extend_goal as extend_goal_module
from swag_goals.services.extend_goal import extend_goal
from swag_goals.services.rate_limits import LimitExceeded, RateLimits
from swag_goals.settings import Rate
from tests import factories
from tests.factories import OneToOne, new_id
from tests.services.conftest import Documents

Extend = Callable[..., Extension]


@pytest.fixture
def extend(enqueuer: Enqueuer) -> Extend:
    def extend(one: OneToOne, key: str = "key", **changed: Any) -> Extension:
        return extend_goal(
            one.goal_id, one.streamer_id, key, "request", **{"enqueuer": enqueuer, "limits": None} | changed
        )

    return extend


def test_it_records_the_goals_audience_and_enqueues_the_job(extend: Extend, documents: Documents, queue: Queue) -> None:
    one = factories.one_to_one(documents, count=2)

    extension = extend(one)

    assert (str(extension.session_id), extension.viewers) == (one.session_id, one.viewers)
    assert (extension.status, extension.duration, extension.request_id) == ("pending", 60, "request")
    assert [job.kwargs for job in queue.jobs] == [job_arguments(extension)]


def test_a_repeat_is_not_counted(extend: Extend, documents: Documents) -> None:
    """Nor in a later minute, when the limits do not know its key any more."""

    class Limits:
        counted = 0

        def count(self, *_: Any) -> None:
            self.counted += 1

    one, limits = factories.one_to_one(documents), Limits()

    assert extend(one, limits=limits) == extend(one, limits=limits)

    assert limits.counted == 1


def test_all_that_a_call_asks_of_mongodb_has_one_bound(
    extend: Extend, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller has an answer within 15 s."""
    one = factories.one_to_one(documents)
    monkeypatch.setattr(extend_goal_module, "ANSWER_TIMEOUT", timedelta(microseconds=1))

    with pytest.raises(PyMongoError) as error:
        extend(one)

    assert error.value.timeout


def test_references_as_object_ids_are_the_same_as_text(extend: Extend, documents: Documents) -> None:
    one = OneToOne()
    context = {"session_id": ObjectId(one.session_id), "exclusive_to": [ObjectId(viewer) for viewer in one.viewers]}
    factories.goal(documents, one, context=context, metadata={"user": {"id": ObjectId(one.streamer_id)}})

    extension = extend(one)

    assert (extension.session_id, extension.viewers) == (ObjectId(one.session_id), one.viewers)


@pytest.mark.parametrize("foreign", factories.UNDECODABLE.values(), ids=factories.UNDECODABLE)
@pytest.mark.parametrize("place", ["context", "metadata"])
def test_a_goal_in_which_others_keep_what_cannot_be_decoded_is_extended(
    extend: Extend, documents: Documents, place: str, foreign: Any
) -> None:
    one = factories.one_to_one(documents)
    first = extend(one)
    documents["goal"].update_one({"_id": ObjectId(one.goal_id)}, {"$set": {f"{place}.foreign": foreign}})

    assert extend(one).id == first.id
    assert extend(one, key="another").status == "pending"
    assert [str(goal.id) for goal in ExclusiveGoal.running(one.streamer_id, 10)] == [one.goal_id]


@pytest.mark.parametrize(
    "since",
    [
        {"$set": {"active": False}},
        {"$set": {"context": None}},
        {"$set": {"context.exclusive_to": []}},
        {"$set": {"metadata.user.id": new_id()}},
        {"$set": {"_cls": "Goal"}},
        None,
    ],
    ids=["ended", "without context", "without viewers", "another's", "another kind", "deleted"],
)
def test_a_repeat_is_the_first_one_whatever_the_goal_has_become(
    extend: Extend, documents: Documents, queue: Queue, since: dict[str, Any] | None
) -> None:
    one = factories.one_to_one(documents)
    first = extend(one)
    goal = {"_id": ObjectId(one.goal_id)}
    if since is None:
        documents["goal"].delete_one(goal)
    else:
        documents["goal"].update_one(goal, since)

    repeat = extend(one)

    assert (repeat.id, repeat.replayed, repeat.requests) == (first.id, True, 2)
    assert queue.count == 1


def test_the_same_key_on_another_goal_is_another_extension(extend: Extend, documents: Documents) -> None:
    one = factories.one_to_one(documents)
    other = OneToOne(streamer_id=one.streamer_id)
    factories.goal(documents, other)

    assert extend(one).id != extend(other).id


def test_a_goal_that_is_not_there_is_not_found_and_nothing_is_recorded(
    extend: Extend, documents: Documents, queue: Queue
) -> None:
    one = OneToOne()

    with pytest.raises(GoalNotFound):
        extend(one)

    assert documents["extension"].find_one({"goal_id": ObjectId(one.goal_id)}) is None
    assert queue.count == 0


@pytest.mark.parametrize("goal_id", ["", "goal", "A" * 24, "a" * 23, f"{'a' * 24}:key"])
def test_a_malformed_id_is_not_found(extend: Extend, goal_id: str) -> None:
    with pytest.raises(GoalNotFound):
        extend(OneToOne(goal_id=goal_id))


def test_a_goal_without_viewers_is_refused_and_nothing_is_recorded(extend: Extend, documents: Documents) -> None:
    one = OneToOne(viewers=[])
    factories.goal(documents, one)

    with pytest.raises(GoalNotExtendable, match=r"^goal_without_viewers$"):
        extend(one)

    assert documents["extension"].find_one({"goal_id": ObjectId(one.goal_id)}) is None


def test_without_redis_it_is_recorded_all_the_same(extend: Extend, documents: Documents) -> None:
    nowhere = Enqueuer(CircuitBreaker(connect_redis("redis://127.0.0.1:1/0", timedelta(seconds=0.2)), "enqueue"))

    assert extend(factories.one_to_one(documents), enqueuer=nowhere).status == "pending"


def test_what_is_over_the_limit_is_refused_and_not_recorded(
    extend: Extend, documents: Documents, breaker: CircuitBreaker
) -> None:
    one = factories.one_to_one(documents)
    limits = RateLimits(breaker, goal=Rate(2, 3600), streamer=None, requests=None)
    for key in ("one", "two"):
        extend(one, key, limits=limits)

    with pytest.raises(LimitExceeded):
        extend(one, "three", limits=limits)

    assert documents["extension"].count_documents({"goal_id": ObjectId(one.goal_id)}) == 2


def test_a_repeat_never_counts(extend: Extend, documents: Documents, breaker: CircuitBreaker) -> None:
    one = factories.one_to_one(documents)
    limits = RateLimits(breaker, goal=Rate(2, 3600), streamer=None, requests=None)
    first = extend(one, "one", limits=limits)
    for _ in range(5):
        assert extend(one, "one", limits=limits) == first

    assert extend(one, "two", limits=limits) != first
    assert extend(one, "one", limits=limits) == first
