"""The application: its parts put together."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask

from swag_goals.api import admission_webhooks, console, docs, goals, health, metrics, pusher, sessions
from swag_goals.api.admission import register_admission
from swag_goals.api.authentication import Authenticator
from swag_goals.api.cors import register_cors
from swag_goals.api.ids import IdConverter
from swag_goals.api.problems import register_problems
from swag_goals.api.requests import register_requests
from swag_goals.auth.revocations import Revocations
from swag_goals.auth.tokens import register_tokens
from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.commands import register_commands
from swag_goals.connections import connect_mongodb, connect_redis
from swag_goals.events.pusher_channels import PusherChannels
from swag_goals.jobs.processes import sweep, work
from swag_goals.logs import configure_logs
from swag_goals.queue.extensions import Enqueuer
from swag_goals.services.admission import Admissions
from swag_goals.services.rate_limits import RateLimits
from swag_goals.settings import Settings
from swag_goals.time_limits import WEB_REDIS_TIMEOUT


@dataclass(frozen=True)
class Parts:
    """What views and commands work with; `current_app.extensions["swag_goals"]`."""

    settings: Settings
    redis: CircuitBreaker  # for who asks how it is; what needs it has a breaker of its own
    enqueuer: Enqueuer
    limits: RateLimits
    pusher: PusherChannels  # for who joins a channel; events are sent by the one of services.notify_viewers
    authenticator: Authenticator
    admissions: Admissions


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The app, with its clients: call it after the fork.

    :raises swag_goals.settings.SettingsError: a setting is missing or wrong.
    """
    configure_logs()
    settings = Settings.from_environ(environ)
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # a path is right or not found, never redirected
    app.url_map.converters.update(id=IdConverter, path=console.FileConverter)
    connect_mongodb(settings.mongodb_uri)
    app.extensions["swag_goals"] = _parts(settings)
    if settings.admission_secret:
        register_admission(app)
        app.register_blueprint(admission_webhooks.blueprint)
    register_requests(app)
    register_tokens(app, settings)
    register_cors(app, settings.cors_origins)
    for module in (goals, sessions, pusher, health, metrics, docs, console):
        app.register_blueprint(module.blueprint)
    register_problems(app)
    register_commands(app)
    app.cli.add_command(work)
    app.cli.add_command(sweep)
    return app


def _parts(settings: Settings) -> Parts:
    redis = connect_redis(settings.redis_url, WEB_REDIS_TIMEOUT)
    limits = RateLimits(
        CircuitBreaker(redis, "limits"),
        goal=settings.rate_limit_goal,
        streamer=settings.rate_limit_streamer,
        requests=settings.rate_limit_requests,
    )
    revocations = Revocations()
    return Parts(
        settings,
        redis=CircuitBreaker(redis, "status"),
        enqueuer=Enqueuer(CircuitBreaker(redis, "enqueue")),
        limits=limits,
        pusher=PusherChannels(settings.pusher),
        authenticator=Authenticator(settings.jwt_keys.values(), revocations),
        admissions=Admissions(settings.jwt_keys, revocations),
    )
