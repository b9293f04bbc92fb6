"""The processes beside the web: `flask work` and `flask sweep`."""

import signal
import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from swag_goals.connections import QUEUE_REDIS_TIMEOUT, connect_redis
from swag_goals.jobs import sweeper, worker
from swag_goals.jobs.queue import extensions_queue


@click.command()
@with_appcontext
def work() -> None:
    """Run an RQ worker of the extensions queue until SIGTERM."""
    worker.run(connect_redis(_redis_url(), QUEUE_REDIS_TIMEOUT))


@click.command()
@with_appcontext
def sweep() -> None:
    """Drive overdue extensions again until SIGTERM. Any number may run."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    sweeper.run(extensions_queue(connect_redis(_redis_url(), QUEUE_REDIS_TIMEOUT)), stop)


def _redis_url() -> str:
    return current_app.extensions["swag_goals"].settings.redis_url
