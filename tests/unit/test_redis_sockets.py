"""A socket whose server says that it is the wrong one is given up, as the address may lead to another by now."""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from redis import Redis, RedisError, ResponseError

from swag_goals.connections import cause, connect_redis


class Failover(socketserver.ThreadingTCPServer):
    """On its first connection each command is answered with `error`, on all others well."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.error = ""
        self.connections = 0


class Answers(socketserver.StreamRequestHandler):
    server: Failover

    def handle(self) -> None:
        self.server.connections += 1
        answer = b"+PONG" if self.server.connections > 1 else b"-" + self.server.error.encode()
        while head := self.rfile.readline():
            for _ in range(int(head[1:])):
                self.rfile.read(int(self.rfile.readline()[1:]) + 2)
            self.wfile.write(answer + b"\r\n")


@pytest.fixture
def failover() -> Iterator[Failover]:
    with Failover() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def redis(failover: Failover) -> Iterator[Redis]:
    with connect_redis(f"redis://127.0.0.1:{failover.server_address[1]}/0", timedelta(seconds=10)) as redis:
        yield redis


def in_pipeline(redis: Redis, *, transaction: bool) -> None:
    with redis.pipeline(transaction=transaction) as pipeline:
        pipeline.set("key", "value")
        pipeline.expire("key", 1)
        pipeline.execute()


WAYS: dict[str, Callable[[Redis], object]] = {
    "a command": lambda redis: redis.set("key", "value"),
    "a pipeline": lambda redis: in_pipeline(redis, transaction=False),
    "a transaction": lambda redis: in_pipeline(redis, transaction=True),
    "a script": lambda redis: redis.eval("return 1", 0),
    "a blocking pop": lambda redis: redis.blmove("from", "to", 1),
}
OF_THE_SERVER = {
    "READONLY": "READONLY You can't write against a read only replica.",
    "UNBLOCKED": "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
    "LOADING": "LOADING Redis is loading the dataset in memory",
    "MASTERDOWN": "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "CLUSTERDOWN": "CLUSTERDOWN The cluster is down",
    "NOREPLICAS": "NOREPLICAS Not enough good replicas to write.",
    "MISCONF": "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "READONLY of a transaction": "EXECABORT Transaction discarded because of: READONLY You can't write",
    "READONLY of a script": "ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write",
}
OF_THE_COMMAND = {
    "OOM": "OOM command not allowed when used memory > 'maxmemory'.",
    "NOPERM": "NOPERM this user has no permissions to run the 'eval' command",
    "WRONGTYPE": "WRONGTYPE Operation against a key holding the wrong kind of value",
    "TRYAGAIN": "TRYAGAIN Multiple keys request during rehashing of slot",
    "NOSCRIPT": "NOSCRIPT No matching script.",
    "BUSY": "BUSY Redis is busy running a script.",
    "ERR": "ERR unknown command",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("error", OF_THE_SERVER.values(), ids=OF_THE_SERVER)
def test_after_an_answer_that_speaks_of_the_server_the_address_is_asked_again(
    redis: Redis, failover: Failover, error: str, way: Callable[[Redis], object]
) -> None:
    failover.error = error
    with suppress(RedisError):
        way(redis)

    assert redis.ping()
    assert failover.connections > 1


@pytest.mark.parametrize("error", OF_THE_SERVER.values(), ids=OF_THE_SERVER)
def test_so_it_is_by_a_subscription(redis: Redis, failover: Failover, error: str) -> None:
    failover.error = error
    with redis.pubsub() as pubsub:
        pubsub.subscribe("channel")
        for _ in range(2):
            with suppress(RedisError):
                pubsub.get_message(timeout=0.1)

        assert failover.connections == 2


@pytest.mark.parametrize("error", OF_THE_COMMAND.values(), ids=OF_THE_COMMAND)
def test_an_answer_that_speaks_of_the_command_leaves_the_socket_open(
    redis: Redis, failover: Failover, error: str
) -> None:
    failover.error = error
    for way in (WAYS["a command"], WAYS["a pipeline"]):
        with pytest.raises(ResponseError):
            way(redis)

    assert failover.connections == 1


def test_what_a_replica_refused_is_done_at_once_where_the_address_leads_now(redis: Redis, failover: Failover) -> None:
    failover.error = OF_THE_SERVER["READONLY"]

    in_pipeline(redis, transaction=False)

    assert failover.connections == 2


@pytest.mark.parametrize("way", ["a command", "a pipeline", "a script"])
@pytest.mark.parametrize("error", [*OF_THE_SERVER.values(), *OF_THE_COMMAND.values()])
def test_the_cause_is_the_servers_code_and_never_its_words(
    redis: Redis, failover: Failover, error: str, way: str
) -> None:
    failover.error = error
    if error.startswith("READONLY"):
        failover.connections = -1  # a replica is asked twice

    with pytest.raises(RedisError) as refusal:
        WAYS[way](redis)

    assert cause(refusal.value) == re.match("[A-Z]+", error)[0]  # type: ignore[index]
