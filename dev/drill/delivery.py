"""At-least-once delivery at its worst, on purpose: every job delivered once more."""

from collections.abc import Iterable

from bson import ObjectId
from redis import Redis

from dev.drill.browsers import Press
from dev.drill.system import System
from dev.stack.waiting import wait_until
from swag_goals.documents.extension import Extension
from swag_goals.queue.extensions import enqueue, extensions_queue

WITHIN = 60.0  # seconds


def deliver_again(system: System, presses: Iterable[Press]) -> bool:
    """Enqueue each extension and void again, and wait until all of the jobs are over; whether they are."""
    # A worker that died now would leave jobs of extensions that are done, which nobody retries.
    system.marks.clear()
    ids = [ObjectId(press.extension) for press in presses]
    ours = {"$or": [{"_id": {"$in": ids}}, {"void_of": {"$in": ids}}]}
    records = [Extension._from_son(record) for record in system.database.extension.find(ours)]
    with Redis.from_url(system.servers.settings["REDIS_URL"]) as redis:
        queue = extensions_queue(redis)
        enqueue(queue, records)
        return wait_until(lambda: not queue.count and not any(redis.scan_iter("rq:job:*", 1000)), WITHIN)
