"""The processes beside the web: `flask work` and `flask sweep`."""

import signal
import threading

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from swag_goals.connections import connect_redis
from swag_goals.jobs import worker
from swag_goals.queue.extensions import extensions_queue
from swag_goals.services import retry_notifications, retry_overdue
from swag_goals.time_limits import WORKER_REDIS_TIMEOUT


@click.command()
@with_appcontext
def work() -> None:
    """Run an RQ worker of the extensions queue until SIGTERM."""
    worker.run(connect_redis(_redis_url(), WORKER_REDIS_TIMEOUT))


@click.command()
@with_appcontext
def sweep() -> None:
    """Retry overdue extensions until SIGTERM. Any number may run."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # A Pusher that hangs holds up nobody's seconds.
    notifications = threading.Thread(target=retry_notifications.run, args=(stop,), name="notifications", daemon=True)
    notifications.start()
    retry_overdue.run(extensions_queue(connect_redis(_redis_url(), WORKER_REDIS_TIMEOUT)), stop)
    notifications.join()


def register_processes(app: Flask) -> None:
    """Add the commands that the Procfile runs."""
    app.cli.add_command(work)
    app.cli.add_command(sweep)


def _redis_url() -> str:
    return current_app.extensions["swag_goals"].settings.redis_url
