"""A worker is there again soon after Redis is, however long that was unavailable."""

from contextlib import suppress
from types import SimpleNamespace

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from rq.serializers import JSONSerializer

from dev.stack.stack import Stack
from swag_goals.connections import connect_redis
from swag_goals.jobs.worker import REDIS_PAUSE, ExtensionWorker
from swag_goals.queue.extensions import ExtensionJob, extensions_queue
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT


class EnoughSeen(Exception):
    pass


def test_it_never_waits_longer_than_a_moment_to_ask_again(servers: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) >= 10:
            raise EnoughSeen

    def unavailable() -> None:
        raise RedisConnectionError

    connection = connect_redis(servers.settings["REDIS_URL"], WORKER_REDIS_TIMEOUT)
    queues = [extensions_queue(connection)]
    worker = ExtensionWorker(queues, connection=connection, job_class=ExtensionJob, serializer=JSONSerializer)
    monkeypatch.setattr(worker, "heartbeat", unavailable)
    # The module's own name for it: the background threads of other clients sleep as ever.
    monkeypatch.setattr("rq.worker.base.time", SimpleNamespace(sleep=sleep))

    with pytest.raises(EnoughSeen):
        worker.dequeue_job_and_maintain_ttl(timeout=1)
    connection.close()

    assert max(waits) <= REDIS_PAUSE


def test_it_hears_commands_again_that_are_sent_to_workers(servers: Stack) -> None:
    connection = connect_redis(servers.settings["REDIS_URL"], WORKER_REDIS_TIMEOUT)
    heard = connection.pubsub(ignore_subscribe_messages=True)
    heard.subscribe("commands")
    heard.get_message(timeout=1)  # that it is subscribed

    connection.client_kill_filter(_type="pubsub")
    with suppress(RedisConnectionError):
        heard.get_message(timeout=1)
    heard.get_message(timeout=1)  # that it is subscribed anew
    connection.publish("commands", "shutdown")
    message = heard.get_message(timeout=1)
    heard.close()
    connection.close()

    assert message
    assert message["data"] == b"shutdown"
