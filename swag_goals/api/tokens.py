"""Tokens: Flask-JWT-Extended with its defaults closed.

As it comes, it accepts an unknown `kid`, any `iss`, `aud` and `version`, a missing `exp`.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeGuard, TypeVar

import jwt
from flask import Flask, g, request
from flask_jwt_extended import JWTManager, get_jwt, verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException

from swag_goals.api.problems import Problem
from swag_goals.api.revocations import Revocations
from swag_goals.documents.ids import hex_id
from swag_goals.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

ISSUER = AUDIENCE = "api.swag.live"
VERSION = 2
LONGEST_LIFE = 24 * 3600
LEEWAY = 10
CREATOR = "CREATOR"

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class User:
    """Who calls, by a verified token. `id` is 24 lower-case hex."""

    id: str
    scopes: frozenset[str]

    @property
    def is_creator(self) -> bool:
        """Whether a streamer's token."""
        return CREATOR in self.scopes


def authenticated(view: Callable[P, R]) -> Callable[P, R]:
    """A view for any valid token; the caller is `g.user`."""

    @wraps(view)
    def check(*args: P.args, **kwargs: P.kwargs) -> R:
        g.user = _caller()
        return view(*args, **kwargs)

    return check


def for_creators(view: Callable[P, R]) -> Callable[P, R]:
    """A view for streamers alone."""

    @wraps(view)
    def check(*args: P.args, **kwargs: P.kwargs) -> R:
        g.user = _caller()
        if not g.user.is_creator:
            raise Problem("scope_missing")
        return view(*args, **kwargs)

    return check


def register_tokens(app: Flask, settings: Settings) -> None:
    """Teach Flask-JWT-Extended which tokens are good."""
    app.config.update(
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ALGORITHM="HS256",
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_LEEWAY=LEEWAY,
        JWT_ENCODE_NBF=False,
    )
    manager = JWTManager(app)
    revocations = Revocations()

    def key_for(header: dict[str, Any], _payload: dict[str, Any]) -> str:
        try:
            return settings.jwt_keys[header["kid"]]
        except (KeyError, TypeError):
            raise jwt.InvalidTokenError("unknown kid") from None

    manager.decode_key_loader(key_for)
    manager.token_verification_loader(lambda _header, payload: _is_ours(payload, time.time()))
    # It runs before the verification: the claim may be anything.
    manager.token_in_blocklist_loader(
        lambda _header, payload: isinstance(payload.get("jti"), str) and payload["jti"] in revocations
    )


def mint(settings: Settings, sub: str, scopes: list[str], lifetime: int, jti: str) -> str:
    """A token for `sub` that lives `lifetime` seconds, signed with the last key."""
    kid, secret = list(settings.jwt_keys.items())[-1]
    now = int(time.time())
    claims = {
        "sub": sub,
        "jti": jti,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + lifetime,
        "version": VERSION,
        "scopes": scopes,
        "metadata": {},
    }
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": kid})


def _caller() -> User:
    # More than one bearer token, or a token beside other credentials, is nobody's.
    if not _BEARER.fullmatch(request.headers.get("Authorization", "")):
        _refuse()
    try:
        verify_jwt_in_request()
        claims = get_jwt()
    except (jwt.PyJWTError, JWTExtendedException, RecursionError, ValueError, TypeError):
        _refuse()
    return User(claims["sub"], frozenset(claims["scopes"]))


def _refuse() -> NoReturn:
    raise Problem("token_invalid", {"WWW-Authenticate": 'Bearer realm="swag_goals"'})


def _is_integer(value: Any) -> TypeGuard[int]:
    """Not true, and not 2.0."""
    return type(value) is int


def _is_ours(claims: dict[str, Any], now: float) -> bool:
    """What PyJWT does not check, or not exactly: the types, and how the claims go together."""
    iat, exp, scopes = claims.get("iat"), claims.get("exp"), claims.get("scopes")
    return (
        isinstance(claims.get("sub"), str)
        and hex_id(claims["sub"]) is not None
        and isinstance(claims.get("jti"), str)
        and claims["jti"] != ""
        and _is_integer(iat)
        and _is_integer(exp)
        and iat <= now + LEEWAY
        and exp - iat <= LONGEST_LIFE
        and _is_integer(claims.get("version"))
        and claims["version"] == VERSION
        and isinstance(scopes, list)
        and all(isinstance(scope, str) for scope in scopes)
        and claims.get("type", "access") == "access"
    )
