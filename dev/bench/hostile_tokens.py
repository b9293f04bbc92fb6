"""Tokens that must be refused, of every length, and as near to a good one as may be."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt

from swag_goals.auth.tokens import AUDIENCE, ISSUER, VERSION

SUB = "a" * 24
LINE = 8000  # characters


def tokens(keys: Mapping[str, str]) -> dict[str, str]:
    """The tokens by name. `keys` are the settings' JWT_KEYS."""
    kid, secret = list(keys.items())[-1]
    head, now = {"alg": "HS256", "kid": kid, "typ": "JWT"}, int(time.time())
    claims = {"sub": SUB, "jti": "j", "iss": ISSUER, "aud": AUDIENCE, "version": VERSION, "scopes": ["CREATOR"]}
    claims |= {"iat": now, "exp": now + 3600}

    def unsigned(header: Any = head, payload: Any = claims) -> str:
        return f"{_part(header)}.{_part(payload)}.{'A' * 43}"

    def signed(key: str = secret, header: dict[str, Any] = head, **other: Any) -> str:
        return jwt.encode(claims | other, key, headers=header)

    return {
        **{f"{size} bytes": "a" * size for size in (1, 64, 1024, LINE)},
        **{f"three parts of {size} bytes": ".".join(["a" * size] * 3) for size in (1, 64, 640, LINE // 3)},
        "three dots": "...",
        "thousands of dots": "." * LINE,
        "thousands of parts": "a." * (LINE // 2),
        "a long first part": f"{'a' * LINE}.a.a",
        "a long second part": f"{_part(head)}.{'a' * LINE}.a",
        "a long signature": f"{_part(head)}.{_part(claims)}.{'a' * (LINE - 600)}",
        "unknown kid": unsigned({**head, "kid": "unknown"}),
        "unknown kid, long claims": unsigned({**head, "kid": "unknown"}, {"a": "x" * 5000}),
        "kid of 4 KiB": unsigned({**head, "kid": "k" * 4096}),
        "kid is a list": unsigned({**head, "kid": [kid] * 500}),
        "no kid": unsigned({"alg": "HS256"}),
        "alg none": unsigned({**head, "alg": "none"}),
        "alg unknown": unsigned({**head, "alg": "HS1"}),
        "header is a list": unsigned([1] * 1500),
        "header of many names": unsigned({**head, **{f"n{number}": number for number in range(350)}}),
        "header of many numbers": unsigned({**head, "n": list(range(1000))}),
        "header deep": unsigned({**head, "d": json.loads("[" * 500 + "]" * 500)}),
        "header with escapes": unsigned(b'{"alg":"HS256","x":"' + rb"\u0041" * 800 + b'"}'),
        "header no JSON": unsigned(b"{" * 5000),
        "header no UTF-8": unsigned(b"\xff" * 5000),
        "wrong signature": unsigned(),
        "wrong signature, long claims": unsigned(payload={**claims, "metadata": "x" * 5000}),
        "wrong signature, many names": unsigned(payload={f"n{number}": number for number in range(350)}),
        "wrong signature, many numbers": unsigned(payload={**claims, "metadata": list(range(1000))}),
        "wrong signature, deep claims": unsigned(payload={"d": json.loads("[" * 500 + "]" * 500)}),
        "wrong signature, many scopes": unsigned(payload={**claims, "scopes": ["CREATOR"] * 450}),
        "wrong signature, claims no JSON": unsigned(payload=b"{" * 5000),
        "another's key": signed("x" * 32),
        "HS512 by the right key": jwt.encode(claims, secret * 2, "HS512", {"kid": kid}),
        "expired": signed(iat=now - 7200, exp=now - 3600),
        "expired, many scopes": signed(iat=now - 7200, exp=now - 3600, scopes=["CREATOR"] * 450),
        "another audience": signed(aud="swag.live"),
        "another version": signed(version=1),
        "lives too long": signed(exp=now + 30 * 86400),
    }


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
