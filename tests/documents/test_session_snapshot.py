"""A session is read as the documents are: its times are of UTC, and what others keep in it does no harm."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from pymongo.database import Database

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
