"""The application: its parts put together."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask

from swag_goals.api import console, goals, health, metrics, pusher, sessions
from swag_goals.api.callers import Callers
from swag_goals.api.cors import register_cors
from swag_goals.api.description import register_description
from swag_goals.api.ids import IdConverter
from swag_goals.api.problems import register_problems
from swag_goals.api.requests import register_requests
from swag_goals.api.tokens import register_tokens
from swag_goals.commands import register_commands
from swag_goals.connections import WEB_REDIS_TIMEOUT, RedisCircuit, connect_mongodb, connect_redis
from swag_goals.events.pusher_channels import PusherChannels
from swag_goals.jobs.queue import Bell
from swag_goals.logs import configure_logs
from swag_goals.services.rate_limits import RateLimits
from swag_goals.settings import Settings


@dataclass(frozen=True)
class Parts:
    """What views and commands work with; `current_app.extensions["swag_goals"]`."""

    settings: Settings
    circuit: RedisCircuit
    bell: Bell
    limits: RateLimits
    channels: PusherChannels
    callers: Callers


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The app, with its clients: call it after the fork.

    :raises swag_goals.settings.SettingsError: a setting is missing or wrong.
    """
    configure_logs()
    settings = Settings.from_environ(environ)
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # a path is right or not found, never redirected
    app.url_map.converters["id"] = IdConverter
    connect_mongodb(settings.mongodb_uri)
    app.extensions["swag_goals"] = _parts(settings)
    register_requests(app)
    register_tokens(app, settings)
    register_cors(app, settings.cors_origins)
    register_description(app, *(module.blueprint for module in (goals, sessions, pusher, health, metrics)))
    app.register_blueprint(console.blueprint)
    register_problems(app)  # after flask-smorest, whose errors are none
    register_commands(app)
    return app


def _parts(settings: Settings) -> Parts:
    circuit = RedisCircuit(connect_redis(settings.redis_url, WEB_REDIS_TIMEOUT))
    limits = RateLimits(circuit, settings.rate_limit_goal, settings.rate_limit_streamer)
    return Parts(settings, circuit, Bell(circuit), limits, PusherChannels(settings.pusher), Callers())
