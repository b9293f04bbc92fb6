"""What `flask doctor` finds of Redis."""

from collections.abc import Iterator

from redis import Redis, RedisError

from swag_goals.commands.finding import Finding, either, explain
from swag_goals.connections import cause, connect_redis, is_refusal
from swag_goals.queue.refusals import refusals
from swag_goals.queue.status import queue_status
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT

_WHAT_TO_DO = {
    "LOADING": "it reads its data, and is there in a moment",
    "MISCONF": "it cannot write to its disk: make room there",
    "NOAUTH": "give a user and a password in REDIS_URL",
    "NOPERM": "let the user in REDIS_URL do so (ACL SETUSER)",
    "NOREPLICAS": "bring its replicas back, or lower its min-replicas-to-write",
    "OOM": "it is full: raise its maxmemory, or look at what fills it",
    "READONLY": "it is a replica: let REDIS_URL lead to its primary",
    "WRONGPASS": "look at the user and the password in REDIS_URL",
}


def redis_findings(url: str) -> Iterator[Finding]:
    """Whether it does what the program asks of it, and who works on the queue. Writes a key, and deletes it."""
    with connect_redis(url, WORKER_REDIS_TIMEOUT) as connection:
        try:
            refused = refusals(connection)
            for code in sorted(set(refused.values())):
                yield _refused(", ".join(kind for kind in refused if refused[kind] == code), code)
            yield from _queue(connection)
        except RedisError as error:
            if not is_refusal(error):
                yield _unavailable(connection, error)
            elif not refused:
                yield _refused("to be asked for its workers", cause(error))


def _refused(what: str, code: str) -> Finding:
    return Finding(False, f"Redis refuses {what} ({code}): {_WHAT_TO_DO.get(code, 'look at its log')}.")


def _unavailable(connection: Redis, error: RedisError) -> Finding:
    options = connection.connection_pool.connection_kwargs
    host = options.get("path") or f"{options['host']}:{options.get('port', 6379)}"
    words, hint = explain(error)
    return Finding(False, f"Redis does not answer ({host}: {words}): {hint}, and at REDIS_URL.")


def _queue(connection: Redis) -> Iterator[Finding]:
    status = queue_status(connection)
    failed = f"Jobs: {status.failed} failed. The workers' logs say why; their extensions are retried."
    yield Finding(True, f"Redis answers; {status.waiting} jobs wait.")
    yield either(status.workers, f"Workers: {status.workers} at work.", "Workers: none runs. Start one: flask work.")
    yield either(status.sweeper, "Sweepers: one runs.", "Sweepers: none runs. Start one: flask sweep.")
    yield either(not status.failed, "Jobs: none failed.", failed)
