"""An extension is recorded before anything else, once for a streamer's key on a goal, by MongoDB's clock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from swag_goals.documents import ledger
from swag_goals.documents.extension import Extension
from tests.factories import OneToOne, new_id, recorded


def count(documents: Database[dict[str, Any]], one: OneToOne) -> int:
    return documents["extension"].count_documents({"goal_id": ObjectId(one.goal_id)})


def test_the_record_holds_what_was_requested(documents: Database[dict[str, Any]]) -> None:
    one = OneToOne(viewers=[new_id(), new_id()])
    before = ledger.server_time()

    extension = recorded(one, key="key-1")

    assert extension.id == Extension.id_for(one.streamer_id, one.goal_id, "key-1")
    assert (extension.streamer_id, extension.goal_id) == (ObjectId(one.streamer_id), ObjectId(one.goal_id))
    assert (extension.session_id, extension.viewers) == (ObjectId(one.session_id), one.viewers)
    assert (extension.key, extension.duration, extension.notify_sd_viewers) == ("key-1", 60, True)
    assert (extension.status, extension.requests, extension.retries) == ("pending", 1, 0)
    assert before <= extension.requested_at == extension.nbf <= ledger.server_time()
    assert Extension.objects.get(id=extension.id) == extension


def test_what_is_not_known_yet_is_none(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne())

    unknown = ("applied_nbf", "applied_at", "notified_at", "permissions", "before", "reason", "revision")
    assert [getattr(extension, name) for name in unknown] == [None] * len(unknown)


def test_a_repeat_is_the_first_one_and_changes_nothing_but_the_count(documents: Database[dict[str, Any]]) -> None:
    one = OneToOne()
    first = recorded(one, key="key-1")
    row = documents["extension"].find_one({"_id": first.id})
    assert row

    other = OneToOne(one.streamer_id, one.goal_id, session_id=new_id(), viewers=[new_id()])
    repeat = recorded(other, key="key-1")

    assert repeat.id == first.id
    assert repeat.replayed
    assert not first.replayed
    assert documents["extension"].find_one({"_id": first.id}) == row | {"requests": 2}


def test_a_repeat_of_what_is_known_is_a_write(documents: Database[dict[str, Any]]) -> None:
    """A write waits for a majority; what is only read may be rolled back after the answer."""
    first = recorded(OneToOne())

    repeat = Extension.repeat(first.id)

    assert repeat is not None
    assert (repeat.id, repeat.requests) == (first.id, 2)
    assert Extension.objects.get(id=first.id).requests == 2


def test_keys_are_compared_exactly(documents: Database[dict[str, Any]]) -> None:
    one = OneToOne()

    assert len({recorded(one, key=key).id for key in ("key", "KEY", "Key", "key.", "ke-y")}) == 5
    assert count(documents, one) == 5


def test_fifty_first_requests_at_once_are_one_extension(documents: Database[dict[str, Any]]) -> None:
    one = OneToOne()

    with ThreadPoolExecutor(50) as threads:
        extensions = list(threads.map(lambda _: recorded(one, key="at-once"), range(50)))

    assert count(documents, one) == 1
    assert sorted(extension.requests for extension in extensions) == list(range(1, 51))
    assert len({extension.requested_at for extension in extensions}) == 1


def test_a_repeat_of_what_nobody_recorded_is_nothing(documents: Database[dict[str, Any]]) -> None:
    extension_id = ObjectId()

    assert Extension.repeat(extension_id) is None
    assert documents["extension"].find_one({"_id": extension_id}) is None


def test_a_key_that_looks_like_an_expression_is_kept_as_text(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne(), key="$$NOW")

    assert (extension.key, extension.request_id) == ("$$NOW", "$$NOW")


def test_the_sweeper_looks_after_it_when_its_job_should_be_done(documents: Database[dict[str, Any]]) -> None:
    extension = recorded(OneToOne())

    assert extension.due == extension.requested_at + timedelta(seconds=2)
