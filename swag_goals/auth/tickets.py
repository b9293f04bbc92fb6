"""Tickets: what a viewer's player shows to be let in. One names a viewer and a session, and no time."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jwt

from swag_goals.auth.tokens import ISSUER, LEEWAY, BadToken, is_integer, is_signed
from swag_goals.documents.ids import hex_id

AUDIENCE = "admission"
LIFE = 12 * 3600  # seconds

# Times are judged when it is shown, by MongoDB's clock.
_OPTIONS: Any = {"verify_exp": False, "verify_iat": False, "strict_aud": True}


class Ticket(NamedTuple):
    """Whose it is and for which session, as 24 lower-case hex digits each. Times are seconds of the epoch."""

    viewer_id: str
    session_id: str
    iat: int
    exp: int
    jti: str

    def is_valid_at(self, time: float) -> bool:
        """Whether it is issued and not expired then."""
        return self.iat <= time + LEEWAY and time < self.exp + LEEWAY


def mint_ticket(keys: Mapping[str, str], ticket: Ticket) -> str:
    """The ticket as players show it, signed with the last of the keys."""
    kid, secret = list(keys.items())[-1]
    names = {"sub": ticket.viewer_id, "sid": ticket.session_id, "jti": ticket.jti}
    claims = {"aud": AUDIENCE, "iss": ISSUER, **names, "iat": ticket.iat, "exp": ticket.exp}
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": kid})


def verify_ticket(encoded: str, keys: Mapping[str, str]) -> Ticket:
    """The ticket; whether it is valid now and not revoked is another question.

    :raises BadToken: it is none of ours.
    """
    if not is_signed(encoded, keys.values()):
        raise BadToken
    try:
        secret = keys[_kid(encoded.partition(".")[0])]
        claims = jwt.decode(encoded, secret, ["HS256"], _OPTIONS, audience=AUDIENCE, issuer=ISSUER, leeway=LEEWAY)
    except (jwt.PyJWTError, LookupError, TypeError):
        raise BadToken from None
    ticket = Ticket(*[claims.get(name) for name in ("sub", "sid", "iat", "exp", "jti")])  # type: ignore[arg-type]
    # What PyJWT does not check: the types, and how long it lives.
    if None in map(hex_id, ticket[:2]) or not isinstance(ticket.jti, str) or not ticket.jti:
        raise BadToken
    if not (is_integer(ticket.iat) and is_integer(ticket.exp) and ticket.exp - ticket.iat <= LIFE):
        raise BadToken
    return ticket


@lru_cache(64)
def _kid(header: str) -> Any:
    """Of all that one key signs the header is the same."""
    return jwt.get_unverified_header(f"{header}..")["kid"]
