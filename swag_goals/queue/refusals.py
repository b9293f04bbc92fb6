"""What a Redis that answers refuses of what the program needs."""

from redis import Redis, RedisError

from swag_goals.connections import cause, is_refusal

KEY = "swag_goals:attempt"
TTL = 60  # seconds, if it cannot be deleted


def refusals(connection: Redis) -> dict[str, str]:
    """Which of writes, scripts and transactions it refuses, to the cause; what is written is gone afterwards.

    :raises redis.RedisError: it does not answer.
    """
    kinds = ("writes", "scripts", "transactions")
    return {kind: why for kind in kinds if (why := _refusal(connection, kind))}


def _refusal(connection: Redis, kind: str) -> str | None:
    try:
        match kind:
            case "writes":
                connection.set(KEY, b"", ex=TTL)
            case "scripts":
                connection.eval("return 1", 0)
            case "transactions":
                with connection.pipeline() as pipeline:
                    pipeline.delete(KEY)
                    pipeline.execute()
    except RedisError as error:
        if is_refusal(error):
            return cause(error)
        raise
    return None
