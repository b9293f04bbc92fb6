"""Why the documents have a query set of their own."""

from typing import Any

import pytest
from bson import ObjectId
from mongoengine import Document, DynamicField, QuerySet
from pymongo.database import Database

from swag_goals.documents.session import Session

PIPELINE = [{"$set": {"viewers": {"$ifNull": ["$viewers", "nobody"]}}}]


class StockSession(Document):  # type: ignore[misc]
    """The same collection through MongoEngine's own query set."""

    viewers = DynamicField()
    meta = {"collection": "session", "strict": False, "auto_create_index": False}


@pytest.fixture
def session_id(documents: Database[dict[str, Any]]) -> Any:
    return documents["session"].insert_one({}).inserted_id


def test_mongoengine_refuses_a_pipeline_in_modify(session_id: ObjectId) -> None:
    """MongoEngine 0.29.3, issue #2873. When this fails, PipelineQuerySet can go."""
    assert type(StockSession.objects) is QuerySet
    with pytest.raises(AttributeError, match="'list' object has no attribute 'items'"):
        StockSession.objects(id=session_id).modify(__raw__=PIPELINE, new=True)


def test_and_stores_the_operators_as_data_when_given_as_a_dict(session_id: ObjectId) -> None:
    StockSession.objects(id=session_id).modify(__raw__=PIPELINE[0], new=True)

    assert StockSession.objects(id=session_id).first().viewers == {"$ifNull": ["$viewers", "nobody"]}


def test_ours_takes_it_and_returns_the_new_document(session_id: ObjectId) -> None:
    session = Session.objects(id=session_id).modify(__raw__=PIPELINE, new=True)

    assert session.viewers == "nobody"


def test_ours_returns_the_old_document_unless_new_is_set(session_id: ObjectId) -> None:
    assert Session.objects(id=session_id).modify(__raw__=PIPELINE).viewers is None


def test_ours_returns_the_fields_of_the_projection_alone(session_id: ObjectId) -> None:
    update = [{"$set": {"viewers": {"a": 1, "b": 2}}}]

    session = Session.objects(id=session_id).modify(__raw__=update, new=True, projection={"viewers.b": 1})

    assert session.viewers == {"b": 2}


def test_ours_returns_none_where_nothing_matches(documents: Database[dict[str, Any]]) -> None:
    assert Session.objects(id=ObjectId()).modify(__raw__=PIPELINE, new=True) is None


def test_everything_else_is_mongoengines(session_id: ObjectId) -> None:
    session = Session.objects(id=session_id).modify(set__viewers="all", new=True)

    assert session.viewers == "all"
