"""What a Redis that answers refuses of what the program needs."""

from collections.abc import Callable

from redis import Redis, RedisError

from swag_goals.connections import cause, is_refusal

KEY = "swag_goals:attempt"
TTL = 60  # seconds, if it cannot be deleted


def refusals(connection: Redis) -> dict[str, str]:
    """Which of writes, scripts and transactions it refuses, to the cause; what is written is gone afterwards.

    :raises redis.RedisError: it does not answer.
    """
    needed: dict[str, Callable[[], object]] = {
        "writes": lambda: connection.set(KEY, b"", ex=TTL),
        "scripts": lambda: connection.eval("return 1", 0),
        "transactions": lambda: connection.transaction(lambda pipeline: pipeline.delete(KEY)),  # type: ignore[arg-type]
    }
    refused = {}
    for kind, command in needed.items():
        try:
            command()
        except RedisError as error:
            if not is_refusal(error):
                raise
            refused[kind] = cause(error)
    return refused
