"""What a request without a valid token costs, beside the plain 401: a stranger may send anything, and often."""

from contextlib import closing, nullcontext
from io import BytesIO
from statistics import median
from time import thread_time
from typing import Any

import mongoengine
from flask import Flask

from dev.bench import hostile, hostile_admission
from dev.bench.effort import Effort, Step
from dev.bench.figures import Aim, Measured, Result
from dev.bench.public import PUBLIC
from swag_goals.app import create_app

TITLE = "What a stranger sends, beside the plain 401"
KEYS = {"key": "k" * 32}
# Nothing that a stranger gets to asks a server, but for /readyz once a second: none is started, and the addresses lead
# nowhere.
SETTINGS = {
    "MONGODB_URI": "mongodb://127.0.0.1:1/refusals",
    "REDIS_URL": "redis://127.0.0.1:1",
    "PUSHER_URL": "http://key:secret@127.0.0.1:1/apps/1",
    "PUSHER_WS_URL": "ws://127.0.0.1:1",
    "JWT_KEYS": '{"key": "' + "k" * 32 + '"}',
    "METRICS_TOKEN": "m" * 32,
    "ADMISSION_SECRET": hostile_admission.SECRET,
}
CALLS = 100  # of each shape in a round, in turn with as many plain ones, so that noise meets both


def run(effort: Effort, step: Step) -> Result:
    """Refuse each shape, several times over, by the app alone."""
    try:
        return result(*_refused(create_app(SETTINGS), effort, step))
    finally:
        mongoengine.disconnect_all()  # or the next benchmark could not connect to its own servers


def _refused(app: Flask, effort: Effort, step: Step) -> tuple[dict[str, list[float]], list[float]]:
    """By shape, its CPU time in that of the plain 401 in each round; and that, in milliseconds."""
    environs = {name: hostile.environ(shape) for name, shape in (hostile.shapes(KEYS) | PUBLIC).items()}
    plain = hostile.environ(hostile.PLAIN)
    seconds(app, plain)
    found: dict[str, list[float]] = {name: [] for name in environs}
    plain_ms = []
    for number in range(effort.rounds):
        step(f"round {number + 1}")
        for name, environ in environs.items():
            pairs = [(seconds(app, environ), seconds(app, plain)) for _ in range(CALLS)]
            shape, usual = (median(each) for each in zip(*pairs, strict=True))
            found[name].append(shape / usual)
            plain_ms.append(usual * 1000)
    return found, plain_ms


def seconds(app: Flask, environ: dict[str, Any]) -> float:
    """The CPU time of one answer."""
    body = environ["wsgi.input"].getvalue()
    sent = {**environ, "wsgi.input": BytesIO(body)}
    began = thread_time()
    answer: Any = app.wsgi_app(sent, lambda _status, _headers, _error=None: drop)
    with closing(answer) if hasattr(answer, "close") else nullcontext():
        drop(b"".join(answer))
    return thread_time() - began


def drop(_body: bytes) -> None:
    """WSGI's `write`: nobody reads it."""


def result(found: dict[str, list[float]], plain_ms: list[float]) -> Result:
    """The shapes, the dearest first, and that one in the plain 401."""
    dearest = sorted(found, key=lambda name: median(found[name]), reverse=True)
    measured = [Measured(name, "of a plain 401", found[name]) for name in dearest]
    aim = Aim(
        f"CPU time of the dearest of {len(found)} requests without a token ({dearest[0]}), in that of a plain 401",
        found[dearest[0]],
        "at most",
        2.0,
    )
    return Result([Measured("CPU time of a plain 401", "ms", [median(plain_ms)]), *measured], [aim])
