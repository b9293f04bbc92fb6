"""The extend call on FastAPI, run by uvicorn: the same checks of the token, the same service and answer."""

import json
import os
import time
from functools import lru_cache
from typing import Any

import jwt
from fastapi import FastAPI, HTTPException, Request, Response

from swag_goals.api.authentication import KNOWN_TOKENS
from swag_goals.auth import tokens
from swag_goals.auth.revocations import Revocations
from swag_goals.auth.tokens import BadToken, Token, bearer_token
from swag_goals.circuit_breaker import CircuitBreaker
from swag_goals.connections import connect_mongodb, connect_redis
from swag_goals.logs import configure_logs
from swag_goals.queue.extensions import Enqueuer
from swag_goals.representations import serializers
from swag_goals.services.extend_goal import extend_goal
from swag_goals.services.rate_limits import RateLimits
from swag_goals.settings import Settings
from swag_goals.time_limits import WEB_REDIS_TIMEOUT

configure_logs()
settings = Settings.from_environ(os.environ)
connect_mongodb(settings.mongodb_uri)
redis = connect_redis(settings.redis_url, WEB_REDIS_TIMEOUT)
limits = RateLimits(
    CircuitBreaker(redis, "limits"),
    goal=settings.rate_limit_goal,
    streamer=settings.rate_limit_streamer,
    requests=settings.rate_limit_requests,
)
enqueuer = Enqueuer(CircuitBreaker(redis, "enqueue"))
revocations = Revocations()
app = FastAPI()


@lru_cache(KNOWN_TOKENS)
def verify(encoded: str) -> Token:
    """The token, checked as this program checks it, without Flask."""
    try:
        key = settings.jwt_keys[jwt.get_unverified_header(encoded)["kid"]]
        claims = jwt.decode(
            encoded, key, ["HS256"], audience=tokens.AUDIENCE, issuer=tokens.ISSUER, leeway=tokens.LEEWAY
        )
    except (jwt.PyJWTError, KeyError) as error:
        raise BadToken from error
    if not tokens.are_our_claims(claims):
        raise BadToken
    return Token(claims["sub"], frozenset(claims["scopes"]), claims["jti"], claims["iat"], claims["exp"])


def caller(request: Request) -> Token:
    """Who calls, if a streamer."""
    try:
        token = verify(bearer_token(request.headers.get("authorization", "")))
    except BadToken:
        raise HTTPException(401) from None
    if not token.is_valid_at(time.time()) or token.jti in revocations:
        raise HTTPException(401)
    if not token.is_creator:
        raise HTTPException(403)
    return token


@app.put("/goals/{goal_id}/extend")
def extend(goal_id: str, request: Request) -> Response:
    """Record, enqueue and answer. Not `async`: so FastAPI runs it in a thread, as the service waits."""
    token, key = caller(request), request.headers["x-request-id"]
    limits.count_request(token.jti)
    extension = extend_goal(goal_id, token.user_id, key, key, enqueuer=enqueuer, limits=limits)
    headers = {"Location": serializers.path(extension), "Cache-Control": "no-store", "X-Request-ID": key}
    body = json.dumps(serializers.extension(extension))
    return Response(body, 202, headers, "application/json")


@app.get("/readyz")
def readyz() -> dict[str, Any]:
    """It is up."""
    return {"status": "ok"}
