"""Redis behind TLS 1.3, which sends tickets of its own before anything is asked: without a password nothing is."""

from urllib.parse import urlsplit

from dev.stack.stack import Stack
from dev.stack.tls import TlsProxy
from swag_goals.connections import connect_redis
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT


def test_a_new_connection_answers_at_once(servers: Stack) -> None:
    with TlsProxy(urlsplit(servers.settings["REDIS_URL"]).port or 6379) as proxy:
        for _ in range(20):
            with connect_redis(f"rediss://127.0.0.1:{proxy.port}/0", WORKER_REDIS_TIMEOUT) as connection:
                assert [connection.ping() for _ in range(3)] == [True] * 3
