"""Tokens and headers, good and bad. Each case makes one from a forge."""

from collections.abc import Callable
from typing import Any

from tests.api.forge import Forge, encoded

Case = Callable[[Forge], str]

DAY = 24 * 3600
HUGE = 10**400
LATER = 4102444800  # in the year 2100

GOOD_TOKENS: dict[str, Case] = {
    "as the platform signs it": lambda f: f.token(),
    "signed with the older key": lambda f: f.signed(f.header(kid="older"), f.claims(), f.keys["older"]),
    "aud is a list with ours": lambda f: f.token(aud=["other", "api.swag.live"]),
    "type is access": lambda f: f.token(type="access"),
    "no scopes": lambda f: f.token(scopes=[]),
    "claims we do not know": lambda f: f.token(azp="x", nbf=1, deep=[[[{}]]]),
    "no metadata": lambda f: f.token(metadata=...),
    "metadata is anything": lambda f: f.token(metadata=["x" * 4000, None, 1.5]),
    "no typ in the header": lambda f: f.signed(f.header(typ=...), f.claims()),
    "lives for a whole day": lambda f: f.lasting(0, DAY),
    "issued by a clock that is ahead a little": lambda f: f.lasting(5, 3600),
    "expired within the leeway": lambda f: f.lasting(-3600, -3),
}

SIGNATURES: dict[str, Case] = {
    "another secret": lambda f: f.signed(f.header(), f.claims(), "x" * 64),
    "an empty secret": lambda f: f.signed(f.header(), f.claims(), ""),
    "the kid for a secret": lambda f: f.signed(f.header(), f.claims(), f.kid),
    "the other key's secret": lambda f: f.signed(f.header(), f.claims(), f.keys["older"]),
    "SHA-384 under HS256": lambda f: f.signed(f.header(), f.claims(), digest="sha384"),
    "missing": lambda f: f.token().rpartition(".")[0] + ".",
    "cut short": lambda f: f.token()[:-4],
    "made longer": lambda f: f.token() + "AAAA",
    "padded": lambda f: f.token() + "=",
    "of other claims": lambda f: f"{encoded(f.header())}.{encoded(f.claims(sub='0' * 24))}.{f.token().split('.')[2]}",
    "of another header": lambda f: f"{encoded(f.header(typ='x'))}.{f.token().partition('.')[2]}",
    "in two parts": lambda f: f.token().rpartition(".")[0],
    "in four parts": lambda f: f.token() + ".AAAA",
    "in five parts, as encrypted ones are": lambda f: f.token() + ".AAAA.AAAA",
    "in three empty parts": lambda f: "..",
    "not in base64": lambda f: "$$$$.!!!!.????",
    "three letters": lambda f: "a.b.c",
}

ALGORITHMS: dict[str, Case] = {
    "none, unsigned": lambda f: f"{encoded(f.header(alg='none'))}.{encoded(f.claims())}.",
    "none": lambda f: f.signed(f.header(alg="none"), f.claims()),
    "None": lambda f: f.signed(f.header(alg="None"), f.claims()),
    "HS384": lambda f: f.signed(f.header(alg="HS384"), f.claims(), digest="sha384"),
    "HS512": lambda f: f.signed(f.header(alg="HS512"), f.claims(), digest="sha512"),
    "RS256 with the secret": lambda f: f.signed(f.header(alg="RS256"), f.claims()),
    "ES256 with the secret": lambda f: f.signed(f.header(alg="ES256"), f.claims()),
    "in lower case": lambda f: f.signed(f.header(alg="hs256"), f.claims()),
    "missing": lambda f: f.signed(f.header(alg=...), f.claims()),
    "null": lambda f: f.signed(f.header(alg=None), f.claims()),
    "a list": lambda f: f.signed(f.header(alg=["HS256"]), f.claims()),
    "an object": lambda f: f.signed(f.header(alg={"HS256": 1}), f.claims()),
}

KIDS = (..., None, "", "unknown", "NEWER", "newer ", "../newer", 0, True, ["newer"], {"newer": 1})

HEADS: dict[str, Case] = {
    "a list": lambda f: f.signed([], f.claims()),
    "a text": lambda f: f.signed("newer", f.claims()),
    "not JSON": lambda f: f.signed(b"{", f.claims()),
    "not UTF-8": lambda f: f.signed(b"\xff\xfe\xfd", f.claims()),
    "deep": lambda f: f.signed(b"[" * 3000, f.claims()),
    "something critical that we do not know": lambda f: f.signed(f.header(crit=["exp"], exp=1), f.claims()),
    "an empty crit": lambda f: f.signed(f.header(crit=[]), f.claims()),
    "b64 that is false": lambda f: f.signed(f.header(crit=["b64"], b64=False), f.claims()),
    "its own key": lambda f: f.signed(f.header(jwk={"kty": "oct", "k": encoded(b"x" * 64)}), f.claims(), "x" * 64),
}

PAYLOADS: dict[str, Case] = {
    "a list": lambda f: f.signed(f.header(), [f.claims()]),
    "a text": lambda f: f.signed(f.header(), f.sub),
    "null": lambda f: f.signed(f.header(), None),
    "empty": lambda f: f.signed(f.header(), {}),
    "not JSON": lambda f: f.signed(f.header(), b"sub"),
    "not UTF-8": lambda f: f.signed(f.header(), b"\xc3\x28"),
    "deep": lambda f: f.signed(f.header(), b"[" * 5000),
    "deep objects": lambda f: f.signed(f.header(), b'{"a":' * 1000),
    "a number of 5,000 digits": lambda f: f.signed(f.header(), b'{"exp":' + b"9" * 5000 + b"}"),
}

WRONG: dict[str, tuple[Any, ...]] = {
    "sub": (..., None, 1, True, "", "x", "0" * 23, "0" * 25, "ABCDEF" * 4, f"{'0' * 24}\n", "\uff10" * 24, ["0" * 24]),
    "jti": (..., None, 1, True, "", ["x"], {"$ne": None}),
    "iss": (..., None, 1, "", "swag.live", "API.SWAG.LIVE", "api.swag.live/", ["api.swag.live"]),
    "aud": (..., None, 1, "", "swag.live", [], ["swag.live"], ["api.swag.live", 1], {"api.swag.live": 1}, [[]]),
    "iat": (..., None, True, "", "1", 1.5, [1], -1, HUGE, -HUGE, float("inf"), float("nan"), LATER),
    "exp": (..., None, True, "", str(LATER), float(LATER), [LATER], 0, -1, 1, HUGE, float("inf"), LATER),
    "version": (..., None, True, "2", 2.0, 2.5, 1, 3, -2, 0, [2], {"2": 2}, HUGE),
    "scopes": (..., None, True, "CREATOR", 1, {"CREATOR": 1}, [1], [None], [["CREATOR"]], ["CREATOR", {}]),
    "type": (None, "", "refresh", "ACCESS", True, ["access"]),
    "nbf": (LATER, "x", [1]),
}

TIMES: dict[str, Case] = {
    "expired": lambda f: f.lasting(-3600, -15),
    "from the future": lambda f: f.lasting(30, 3600),
    "lives a second longer than a day": lambda f: f.lasting(0, DAY + 1),
    "has lived for more than a day": lambda f: f.lasting(-DAY, 60),
}


def shown(value: Any) -> str:
    return "missing" if value is ... else f"{type(value).__name__} {str(value)[:20]!r}"


def signed_with(kid: Any) -> Case:
    return lambda f: f.signed(f.header(kid=kid), f.claims())


def _claim(name: str, value: Any) -> Case:
    return lambda f: f.token(**{name: value})


BAD_TOKENS: dict[str, Case] = {
    **{f"signature {name}": case for name, case in SIGNATURES.items()},
    **{f"alg {name}": case for name, case in ALGORITHMS.items()},
    **{f"kid {shown(kid)}": signed_with(kid) for kid in KIDS},
    **{f"head {name}": case for name, case in HEADS.items()},
    **{f"payload {name}": case for name, case in PAYLOADS.items()},
    **{f"times {name}": case for name, case in TIMES.items()},
    **{f"{name} {shown(value)}": _claim(name, value) for name in WRONG for value in WRONG[name]},
}

GOOD_HEADERS: dict[str, Case] = {
    "in lower case": lambda f: f"bearer {f.token()}",
    "in capitals": lambda f: f"BEARER {f.token()}",
    "with several spaces": lambda f: f"Bearer   {f.token()}",
}

BAD_HEADERS: dict[str, Case] = {
    "empty": lambda f: "",
    "no token": lambda f: "Bearer",
    "no scheme": lambda f: f.token(),
    "another scheme": lambda f: f"Token {f.token()}",
    "a password": lambda f: "Basic dXNlcjpwYXNzd29yZA==",
    "no space": lambda f: f"Bearer{f.token()}",
    "a tab": lambda f: f"Bearer\t{f.token()}",
    "quotes": lambda f: f'Bearer "{f.token()}"',
    "two tokens with a comma": lambda f: f"Bearer {f.token()}, Bearer {f.token()}",
    "two tokens with a space": lambda f: f"Bearer {f.token()} {f.token()}",
    "a password before": lambda f: f"Basic eDp5, Bearer {f.token()}",
    "a password behind": lambda f: f"Bearer {f.token()}, Basic eDp5",
    "a comma behind": lambda f: f"Bearer {f.token()},",
    "a parameter behind": lambda f: f"Bearer {f.token()}; realm=x",
    "bytes that are no text": lambda f: "Bearer \xff.\xfe.\xfd",
    "letters that only look like it": lambda f: f"Be\xe5rer {f.token()}",
}
