"""Tickets, good and bad. Each case makes one from a forge."""

from dataclasses import dataclass, field
from typing import Any

from tests import factories
from tests.api.forge import Forge
from tests.api.token_table import ALGORITHMS, HEADS, HUGE, KIDS, LATER, PAYLOADS, SIGNATURES, Case, shown, signed_with

TWELVE_HOURS = 12 * 3600


@dataclass
class TicketForge(Forge):
    """Makes tickets of one viewer for one session."""

    sid: str = field(default_factory=factories.new_id)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """A ticket's claims; a change to ... leaves the claim out."""
        token = super().claims()
        usual = {name: token[name] for name in ("sub", "jti", "iss", "iat")}
        usual |= {"aud": "admission", "sid": self.sid, "exp": token["iat"] + TWELVE_HOURS}
        return {name: value for name, value in (usual | changes).items() if value is not ...}


GOOD_TICKETS: dict[str, Case] = {
    "as the program signs it": lambda f: f.token(),
    "signed with the older key": lambda f: f.signed(f.header(kid="older"), f.claims(), f.keys["older"]),
    "lives for twelve hours": lambda f: f.lasting(0, TWELVE_HOURS),
    "issued by a clock that is ahead a little": lambda f: f.lasting(5, 3600),
    "expired within the leeway": lambda f: f.lasting(-3600, -3),
    "claims we do not know": lambda f: f.token(azp="x", deep=[[[{}]]]),
    "no typ in the header": lambda f: f.signed(f.header(typ=...), f.claims()),
}

WRONG: dict[str, tuple[Any, ...]] = {
    "sub": (..., None, 1, True, "", "x", "0" * 23, "0" * 25, "ABCDEF" * 4, f"{'0' * 24}\n", "\uff10" * 24, ["0" * 24]),
    "sid": (..., None, 1, True, "", "x", "0" * 24, "ABCDEF" * 4, ["0" * 24], {"$ne": None}),
    "jti": (..., None, 1, True, "", ["x"], {"$ne": None}),
    "iss": (..., None, 1, "", "swag.live", "API.SWAG.LIVE", ["api.swag.live"]),
    "aud": (..., None, 1, "", "api.swag.live", "Admission", [], ["admission"], ["admission", "api.swag.live"], {}),
    "iat": (..., None, True, "", "1", 1.5, [1], -1, HUGE, -HUGE, float("inf"), float("nan"), LATER),
    "exp": (..., None, True, "", str(LATER), float(LATER), [LATER], 0, -1, 1, HUGE, float("inf"), LATER),
    "nbf": (LATER, "x", [1]),
}

TIMES: dict[str, Case] = {
    "expired": lambda f: f.lasting(-3600, -15),
    "from the future": lambda f: f.lasting(30, 3600),
    "lives a second longer than twelve hours": lambda f: f.lasting(0, TWELVE_HOURS + 1),
}


def _claim(name: str, value: Any) -> Case:
    return lambda f: f.token(**{name: value})


BAD_TICKETS: dict[str, Case] = {
    "an API token": lambda f: Forge(f.keys, f.sub).token(),
    "an API token with a session": lambda f: Forge(f.keys, f.sub).token(sid=getattr(f, "sid", "")),
    "empty": lambda f: "",
    "letters that only look like it": lambda f: f"{f.token()}\uff21",
    **{f"signature {name}": case for name, case in SIGNATURES.items()},
    **{f"alg {name}": case for name, case in ALGORITHMS.items()},
    **{f"kid {shown(kid)}": signed_with(kid) for kid in KIDS},
    **{f"head {name}": case for name, case in HEADS.items()},
    **{f"payload {name}": case for name, case in PAYLOADS.items()},
    **{f"times {name}": case for name, case in TIMES.items()},
    **{f"{name} {shown(value)}": _claim(name, value) for name in WRONG for value in WRONG[name]},
}
