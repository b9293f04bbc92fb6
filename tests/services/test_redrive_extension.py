"""An operator re-drives an extension once what was wrong is mended; it keeps its id."""

from dataclasses import replace

import pytest
from rq import Queue

from swag_goals.documents.extension import Extension
from swag_goals.documents.void import record_void
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.redrive_extension import NotRedrivable, redrive_extension
from tests.factories import OneToOne, moved, new_id, recorded
from tests.services.conftest import Documents


def redrive(extension: Extension, enqueuer: Enqueuer, *, force: bool = False) -> Extension:
    redrive_extension(Extension.objects.get(id=extension.id), by="ops", why="mended", force=force, enqueuer=enqueuer)
    return Extension.objects.get(id=extension.id)


@pytest.mark.parametrize("status", ["rejected", "pending", "applied"])
def test_what_is_not_done_is_enqueued_again(
    documents: Documents, enqueuer: Enqueuer, queue: Queue, status: str
) -> None:
    extension = recorded(OneToOne())
    Extension.objects(id=extension.id).update_one(status=status)

    redriven = redrive(extension, enqueuer)

    assert redriven.status == ("applied" if status == "applied" else "pending")
    assert [job.id for job in queue.jobs] == [str(extension.id)]
    assert [operation["why"] for operation in redriven.operations] == ["mended"]


def test_what_is_done_is_refused(documents: Documents, enqueuer: Enqueuer, queue: Queue) -> None:
    extension = recorded(OneToOne())
    Extension.objects(id=extension.id).update_one(status="done")

    with pytest.raises(NotRedrivable):
        redrive(extension, enqueuer, force=True)
    assert queue.count == 0


def test_what_is_done_meanwhile_is_refused(documents: Documents, enqueuer: Enqueuer, queue: Queue) -> None:
    extension = recorded(OneToOne())
    Extension.objects(id=extension.id).update_one(status="done")

    with pytest.raises(NotRedrivable, match="by now"):
        redrive_extension(extension, by="ops", why="mended", force=False, enqueuer=enqueuer)
    assert queue.count == 0


def test_with_a_later_extension_of_the_goal_it_needs_force(
    documents: Documents, enqueuer: Enqueuer, queue: Queue
) -> None:
    one = OneToOne()
    extension = moved(recorded(one), "requested_at", by=-1)
    later = recorded(one)

    with pytest.raises(NotRedrivable, match=str(later.id)):
        redrive(extension, enqueuer)
    assert queue.count == 0

    assert redrive(extension, enqueuer, force=True).status == "pending"
    assert redrive(later, enqueuer).status == "pending"


def test_what_else_came_later_does_not_matter(documents: Documents, enqueuer: Enqueuer) -> None:
    one = OneToOne()
    extension = moved(recorded(one), "requested_at", by=-1)
    recorded(replace(one, goal_id=new_id()))
    recorded(replace(one, streamer_id=new_id()))
    record_void(extension, by="ops", why="in error")

    assert redrive(extension, enqueuer).status == "pending"


def test_a_void_is_of_one_extension_whatever_came_later(documents: Documents, enqueuer: Enqueuer) -> None:
    one = OneToOne()
    void = moved(record_void(recorded(one), by="ops", why="in error"), "requested_at", by=-1)
    recorded(one)

    assert redrive(void, enqueuer).status == "pending"
