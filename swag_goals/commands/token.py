"""`flask token`: tokens for local use, and revoking one."""

import re
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import jwt
from flask import current_app

from swag_goals.auth.tokens import MAX_LIFE
from swag_goals.auth.tokens import mint as mint_token
from swag_goals.commands.command import Group, an_id, as_json, by, say
from swag_goals.documents.revoked_token import RevokedToken

token = Group("token", help="Mint and revoke tokens.")


def _jti(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Who has nothing but the token that got out gives that; its signature does not matter here."""
    jti: Any = value
    with suppress(jwt.PyJWTError):
        jti = jwt.decode(value, options={"verify_signature": False}).get("jti")
    if not isinstance(jti, str) or not jti:
        raise click.BadParameter("give a token, or its jti, as flask token mint --json prints it")
    return jti


@token.command()
@click.option("--sub", required=True, callback=an_id, help="The user's id, 24 lower-case hex digits.")
@click.option("--scopes", default="", help="Scopes with commas between, as in PAID,CREATOR.")
@click.option("--ttl", default=3600, show_default=True, type=click.IntRange(1, MAX_LIFE), help="Its life in seconds.")
@as_json
def mint(sub: str, scopes: str, ttl: int, as_json: bool) -> None:
    """Print a token, signed with the last of JWT_KEYS. With --json its JTI too, by which it can be revoked."""
    settings = current_app.extensions["swag_goals"].settings
    jti = secrets.token_hex(8)
    minted = mint_token(settings, sub, [s for s in re.split(r"[,\s]+", scopes) if s], ttl, jti)
    say(minted, {"token": minted, "jti": jti}, as_json)


@token.command()
@click.argument("jti", callback=_jti)
@click.option("--reason", help="Why; it stands beside the JTI with who you are.")
@by
@as_json
def revoke(jti: str, reason: str | None, by: str, as_json: bool) -> None:
    """Make a token invalid, by its JTI or by the token itself. It is so in every process within 5 seconds."""
    now = datetime.now(UTC)
    # No token lives longer than this, so the record may go then.
    RevokedToken(jti=jti, exp=now + timedelta(seconds=2 * MAX_LIFE), at=now, by=by, why=reason).save()
    say(f"Revoked {jti}.", {"jti": jti}, as_json)
