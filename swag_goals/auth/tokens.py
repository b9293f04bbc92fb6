"""Tokens: Flask-JWT-Extended with its defaults closed.

As it comes, it accepts an unknown `kid`, any `iss`, `aud` and `version`, a missing `exp`.
"""

import base64
import hmac
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeGuard

import jwt
from flask import Flask
from flask_jwt_extended import JWTManager, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException

from swag_goals.documents.ids import hex_id
from swag_goals.settings import Settings

ISSUER = AUDIENCE = "api.swag.live"
VERSION = 2
MAX_LIFE = 24 * 3600  # seconds
LEEWAY = 10  # seconds
CREATOR = "CREATOR"

_BEARER = re.compile(r"bearer ++([\w-]++\.[\w-]++\.[\w-]++)", re.ASCII | re.IGNORECASE)


class BadToken(Exception):
    """It is no token of ours, or no longer one."""


@dataclass(frozen=True)
class Token:
    """A token that was good when it was verified. `user_id` is 24 lower-case hex, times are seconds of the epoch."""

    user_id: str
    scopes: frozenset[str]
    jti: str
    iat: int
    exp: int

    @property
    def is_creator(self) -> bool:
        """Whether a streamer's."""
        return CREATOR in self.scopes

    def is_valid_at(self, time: float) -> bool:
        """Whether it is issued and not expired then."""
        return self.iat <= time + LEEWAY and time < self.exp + LEEWAY


def register_tokens(app: Flask, settings: Settings) -> None:
    """Teach Flask-JWT-Extended our keys, and what it can check by itself."""
    app.config.update(
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_DECODE_ISSUER=ISSUER,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_LEEWAY=LEEWAY,
    )

    def key_for(header: dict[str, Any], _claims: dict[str, Any]) -> str:
        kid = header.get("kid")
        if kid not in settings.jwt_keys:
            raise jwt.InvalidTokenError("unknown kid")
        return settings.jwt_keys[kid]

    JWTManager(app).decode_key_loader(key_for)


def bearer_token(authorization: str) -> str:
    """The token in the header.

    :raises BadToken: two tokens, or one beside other credentials, or none.
    """
    sent = _BEARER.fullmatch(authorization)
    if sent is None:
        raise BadToken
    return sent[1]


def verify(encoded: str, secrets: Iterable[str]) -> Token | None:
    """The token, its claims checked but for being expired (`Token.is_valid_at`); None where it will never be good.

    :param secrets: of all our keys.
    :raises BadToken: none of them signed it, or it is from the future.
    """
    if not is_signed(encoded, secrets):
        raise BadToken
    try:
        claims = decode_token(encoded, allow_expired=True)
    except jwt.ImmatureSignatureError as error:
        raise BadToken from error
    except (jwt.PyJWTError, JWTExtendedException):
        return None
    if not are_our_claims(claims):
        return None
    return Token(claims["sub"], frozenset(claims["scopes"]), claims["jti"], claims["iat"], claims["exp"])


def is_signed(encoded: str, secrets: Iterable[str]) -> bool:
    """Whether one of these made the signature.

    Asked before anything is decoded, which costs several times as much and happens once for each library on
    the way. Which one of them had to make it is for PyJWT to say, by the `kid`.
    """
    signed, _, signature = encoded.rpartition(".")
    return any(
        hmac.compare_digest(base64.urlsafe_b64encode(hmac.digest(secret.encode(), signed.encode(), "sha256")), sent)
        for sent in [f"{signature}=".encode()]
        for secret in secrets
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


def are_our_claims(claims: dict[str, Any]) -> bool:
    """What PyJWT does not check, or not exactly: the types, and how the claims go together."""
    iat, exp, scopes = claims.get("iat"), claims.get("exp"), claims.get("scopes")
    return (
        hex_id(claims.get("sub")) is not None
        and isinstance(claims.get("jti"), str)
        and claims["jti"] != ""
        and is_integer(iat)
        and is_integer(exp)
        and exp - iat <= MAX_LIFE
        and is_integer(claims.get("version"))
        and claims["version"] == VERSION
        and isinstance(scopes, list)
        and all(isinstance(scope, str) for scope in scopes)
        and claims.get("type", "access") == "access"
    )


def is_integer(value: Any) -> TypeGuard[int]:
    """Whether it is one, as true and 2.0 are not."""
    return type(value) is int
