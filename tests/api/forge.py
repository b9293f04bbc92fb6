"""Tokens as the platform signs them, and as nobody should."""

import base64
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

from tests import factories


def encoded(part: Any) -> str:
    """A part of a token: JSON, or these very bytes, in base64url."""
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass
class Forge:
    """Makes tokens of one user with any of these keys (`kid` to secret, the last one signs)."""

    keys: dict[str, str]
    sub: str = field(default_factory=factories.new_id)

    @property
    def kid(self) -> str:
        """The key that signs."""
        return list(self.keys)[-1]

    def header(self, **changes: Any) -> dict[str, Any]:
        """A token's header; a change to ... leaves the field out."""
        return _changed({"typ": "JWT", "alg": "HS256", "kid": self.kid}, changes)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """A streamer's claims; a change to ... leaves the claim out."""
        now = int(time.time())
        usual = {
            "sub": self.sub,
            "jti": "1234567890abcdef",
            "iss": "api.swag.live",
            "aud": "api.swag.live",
            "iat": now,
            "exp": now + 3600,
            "version": 2,
            "scopes": ["PAID", "HUMAN", "CREATOR"],
            "metadata": {"fingerprint": "0123abcd", "flavor": "swag.live"},
        }
        return _changed(usual, changes)

    def token(self, **claims: Any) -> str:
        """A token that is right but for these claims."""
        return self.signed(self.header(), self.claims(**claims))

    def lasting(self, iat: int, exp: int) -> str:
        """A token with these times, in seconds from now."""
        now = int(time.time())
        return self.token(iat=now + iat, exp=now + exp)

    def signed(self, header: Any, claims: Any, secret: str | None = None, digest: str = "sha256") -> str:
        """A token of these parts, signed with this secret or the one of the key that signs."""
        parts = f"{encoded(header)}.{encoded(claims)}"
        key = self.keys[self.kid] if secret is None else secret
        return f"{parts}.{encoded(hmac.digest(key.encode(), parts.encode(), digest))}"


def _changed(usual: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (usual | changes).items() if value is not ...}
