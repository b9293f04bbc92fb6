"""Servers of Redis of a test's own, and the ways in which one that answers refuses what it is asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis

from dev.stack import servers
from dev.stack.folder import private_folder
from dev.stack.ports import Ports
from dev.stack.supervisor import Supervisor


@contextmanager
def redis_servers(count: int = 1) -> Iterator[list[Redis]]:
    """So many, each by a client for the test alone."""
    with private_folder() as folder, Ports() as ports, Supervisor() as supervisor:
        found = [ports.take() for _ in range(count)]
        supervisor.run(*(servers.redis(f"redis-{port}", port, folder) for port in found))
        clients = [Redis(port=port) for port in found]
        yield clients
        for client in clients:
            client.close()


def port_of(redis: Redis) -> int:
    return int(redis.connection_pool.connection_kwargs["port"])


# What makes it refuse, and with which code; `work_again` undoes all of them.
FULL: dict[str, Callable[[Redis], object]] = {"OOM": lambda redis: redis.config_set("maxmemory", 1)}
NO_WRITES: dict[str, Callable[[Redis], object]] = FULL | {
    "READONLY": lambda redis: redis.replicaof("127.0.0.1", 1),
    "NOREPLICAS": lambda redis: redis.config_set("min-replicas-to-write", 1),
}
NO_SCRIPTS: dict[str, Callable[[Redis], object]] = {
    "NOPERM": lambda redis: redis.execute_command("ACL", "SETUSER", "default", "-@scripting"),
}
NO_TRANSACTIONS: dict[str, Callable[[Redis], object]] = {
    "NOPERM": lambda redis: redis.execute_command("ACL", "SETUSER", "default", "-@transaction"),
}


def work_again(redis: Redis) -> None:
    redis.execute_command("ACL", "SETUSER", "default", "+@all")
    redis.config_set("maxmemory", 0)
    redis.config_set("min-replicas-to-write", 0)
    redis.replicaof("NO", "ONE")
