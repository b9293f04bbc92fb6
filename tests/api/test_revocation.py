"""`flask token revoke`: a token is taken away, everywhere and for good."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import redis

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import Stack
from tests.api.client import ask
from tests.api.forge import Forge
from tests.eventually import eventually

IN_FORCE_WITHIN = 5.0  # seconds


def revoke(door: Stack, jti: str) -> None:
    environment = procfile.environment(door.settings)
    subprocess.run(["flask", "token", "revoke", jti], cwd=ROOT, env=environment, capture_output=True, check=True)


def is_let_in(door: Stack, token: str) -> bool:
    answer = ask(door, "GET", f"/sessions/{'a' * 24}/permissions/me", [("Authorization", f"Bearer {token}")])
    assert answer.status in (401, 404)
    return answer.status == 404


def processes(door: Stack) -> list[psutil.Process]:
    return psutil.Process(door.pid("web")).children()


@contextmanager
def alone(process: psutil.Process, door: Stack) -> Iterator[None]:
    """Let this process of the web be the only one that answers."""
    others = [other for other in processes(door) if other.pid != process.pid]
    for other in others:
        other.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for other in others:
            other.send_signal(signal.SIGCONT)


def test_is_in_force_in_every_process_within_five_seconds(door: Stack, forge: Forge) -> None:
    token = forge.token(jti="taken-away")
    assert len(processes(door)) == 2
    for process in processes(door):
        with alone(process, door):
            assert is_let_in(door, token)

    revoke(door, "taken-away")
    in_force_at = time.monotonic() + IN_FORCE_WITHIN

    for process in processes(door):
        with alone(process, door):
            eventually(lambda: not is_let_in(door, token), within=max(0, in_force_at - time.monotonic()))


def test_takes_away_that_token_alone(door: Stack, forge: Forge) -> None:
    one, other = forge.token(jti="one-of-two"), forge.token(jti="other-of-two")
    revoke(door, "one-of-two")

    eventually(lambda: not is_let_in(door, one))

    assert is_let_in(door, other)


def test_is_not_forgotten_with_redis(door: Stack, forge: Forge) -> None:
    token = forge.token(jti="not-in-redis")
    revoke(door, "not-in-redis")
    eventually(lambda: not is_let_in(door, token))

    with redis.Redis.from_url(door.settings["REDIS_URL"]) as connection:
        connection.flushall()

    for process in processes(door):
        with alone(process, door):
            eventually(lambda: not is_let_in(door, token), within=IN_FORCE_WITHIN)


def test_a_jti_may_be_any_text(door: Stack, forge: Forge) -> None:
    jti = "-x $ne {} 中文 \U0001f511"
    token = forge.token(jti=jti)
    assert is_let_in(door, token)

    environment = procfile.environment(door.settings)
    command = ["flask", "token", "revoke", "--", jti]
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)

    eventually(lambda: not is_let_in(door, token))
