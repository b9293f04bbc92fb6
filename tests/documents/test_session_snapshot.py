"""A session is read as the documents are: its times are of UTC, and what others keep in it does no harm."""

from datetime import timedelta
from typing import Any

import pymongo
import pytest
from bson import ObjectId, Timestamp
from bson.datetime_ms import DatetimeMS
from pymongo.database import Database
from pymongo.errors import PyMongoError

from swag_goals.documents.session import Session
from tests import factories
from tests.factories import OneToOne, permission


@pytest.mark.parametrize(
    "foreign", [*factories.UNDECODABLE.values(), DatetimeMS(2**62)], ids=[*factories.UNDECODABLE, "a date far away"]
)
def test_times_have_their_zone_whatever_others_keep_there(documents: Database[dict[str, Any]], foreign: Any) -> None:
    one = OneToOne()
    (viewer,) = one.viewers
    factories.session(documents, one.session_id, viewers={viewer: permission() | {"foreign": foreign}})

    found = Session.snapshot(ObjectId(one.session_id), [viewer])

    assert found
    assert found.server_time.utcoffset() == timedelta(0)
    assert (found.permission(viewer) or {})["exp"].utcoffset() == timedelta(0)


@pytest.mark.usefixtures("documents")
def test_a_read_is_no_older_than_the_one_that_it_follows() -> None:
    """A new primary may not have come as far yet."""
    _, as_far = Session.snapshots([ObjectId()], None)
    Session.snapshots([ObjectId()], as_far)

    with pytest.raises(PyMongoError), pymongo.timeout(2):
        Session.snapshots([ObjectId()], Timestamp(as_far.time + 3600, 1))
