"""MAX_DURATION is a hard cap on what one viewer can be sold in one session, however many are sold at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.database import Database

from swag_goals.documents.session import NotApplicable, Session
from swag_goals.services.apply_extensions import _attempt_in_turn
from tests import factories
from tests.factories import OneToOne, permission, recorded

Documents = Database[dict[str, Any]]


def test_64_at_once_against_room_for_ten_give_ten(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    one = factories.one_to_one(documents)
    monkeypatch.setenv("MAX_DURATION", str(300 + 10 * 60))
    attempts = [recorded(one) for _ in range(64)]

    with ThreadPoolExecutor(8) as workers:
        made = list(workers.map(_attempt_in_turn, [attempts[first::8] for first in range(8)]))

    refused = Counter(attempt.refused for some in made for attempt in some)
    assert refused == {None: 10, "duration_too_long": 54}
    assert duration(documents, one) == 900


@pytest.mark.parametrize(
    ("entry", "cap", "is_given"),
    [
        (None, 60, True),
        (None, 59, False),
        (permission(duration=-100), 60, True),
        (permission(duration=-100), 59, False),
        (permission(duration=None), 59, False),
        (permission(duration=300.0), 360, True),
        (permission(duration=300.0), 359, False),
    ],
)
def test_it_counts_what_comes_of_the_update(
    documents: Documents, monkeypatch: pytest.MonkeyPatch, entry: Any, cap: int, *, is_given: bool
) -> None:
    one = OneToOne()
    factories.session(documents, one.session_id, viewers={one.viewers[0]: entry})
    monkeypatch.setenv("MAX_DURATION", str(cap))

    if is_given:
        assert Session.grant(recorded(one)).after[one.viewers[0]]["duration"] == cap  # type: ignore[index]
    else:
        with pytest.raises(NotApplicable, match="duration_too_long"):
            Session.grant(recorded(one))


def duration(documents: Documents, one: OneToOne) -> int:
    session = documents["session"].find_one({"_id": recorded(one).session_id})
    assert session
    return int(session["viewers"][one.viewers[0]]["duration"])
