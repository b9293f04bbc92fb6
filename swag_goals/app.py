"""The application: its parts put together."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from flask_cors import CORS
from flask_smorest import Api

from swag_goals.api import goals, health, metrics, pusher, sessions
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


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The app, with its clients: call it after the fork.

    :raises swag_goals.settings.SettingsError: a setting is missing or wrong.
    """
    configure_logs()
    settings = Settings.from_environ(environ)
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    connect_mongodb(settings.mongodb_uri)
    app.extensions["swag_goals"] = _parts(settings)
    register_requests(app)
    register_problems(app)
    register_tokens(app, settings)
    _register_cors(app, settings)
    _register_blueprints(app)
    register_commands(app)
    return app


def _parts(settings: Settings) -> Parts:
    circuit = RedisCircuit(connect_redis(settings.redis_url, WEB_REDIS_TIMEOUT))
    limits = RateLimits(circuit, settings.rate_limit_goal, settings.rate_limit_streamer)
    return Parts(settings, circuit, Bell(circuit), limits, PusherChannels(settings.pusher))


def _register_cors(app: Flask, settings: Settings) -> None:
    CORS(
        app,
        origins=list(settings.cors_origins),
        methods=["GET", "PUT", "POST"],
        allow_headers=[
            "Authorization",
            "X-Client-ID",
            "X-Request-ID",
            "X-Session-ID",
            "Idempotency-Key",
            "Content-Type",
            "Accept-Language",
            "Cache-Control",
            "Pragma",
        ],
        expose_headers=["Location", "X-Request-ID", "Idempotent-Replayed", "Retry-After", "Content-Language"],
        supports_credentials=False,
        send_wildcard=False,
        max_age=600,
    )


def _register_blueprints(app: Flask) -> None:
    app.config.update(API_TITLE="swag_goals", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    api = Api(app)
    for module in (goals, sessions, pusher, health, metrics):
        api.register_blueprint(module.blueprint)
