"""`flask token`: tokens for local use, and taking one away."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from swag_goals.api.tokens import LONGEST_LIFE
from swag_goals.api.tokens import mint as mint_token
from swag_goals.documents.ids import hex_id
from swag_goals.documents.revoked_token import RevokedToken

token = AppGroup("token", help="Mint and revoke tokens.")


def _user_id(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if hex_id(value) is None:
        raise click.BadParameter("give a user's id, 24 lower-case hex digits")
    return value


@token.command()
@click.option("--sub", required=True, callback=_user_id, help="The user's id, 24 lower-case hex digits.")
@click.option("--scopes", default="", help="Scopes with commas between, as in PAID,CREATOR.")
@click.option(
    "--ttl", default=3600, show_default=True, type=click.IntRange(1, LONGEST_LIFE), help="Its life in seconds."
)
def mint(sub: str, scopes: str, ttl: int) -> None:
    """Print a token, signed with the last of JWT_KEYS."""
    settings = current_app.extensions["swag_goals"].settings
    click.echo(mint_token(settings, sub, [s for s in re.split(r"[,\s]+", scopes) if s], ttl, secrets.token_hex(8)))


@token.command()
@click.argument("jti")
def revoke(jti: str) -> None:
    """Make the token with this JTI invalid, in every process within 5 seconds."""
    # No token lives longer than this, so the record may go then.
    RevokedToken(jti=jti, exp=datetime.now(UTC) + timedelta(seconds=2 * LONGEST_LIFE)).save()
    click.echo(f"Revoked {jti}.")
