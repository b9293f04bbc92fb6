"""What a stranger may send where proxies and media servers ask who may watch, and may have a proxy pass on."""

from collections.abc import Mapping
from typing import Any

from dev.bench.hostile_tokens import LINE

SECRET = "s" * 32
ID = "a" * 24
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Shape = Mapping[str, Any]

QUERIES = {
    "no secret": "",
    "a secret of 4 KiB": "secret=" + "a" * 4000,
    "a secret percent-encoded": "secret=" + "%41" * 1300,
    "a secret in bad UTF-8": "secret=" + "%ff" * 1300,
    "500 secrets": "secret=&" * 500,
    "4,000 names": "a&" * 4000,
    "names percent-encoded": "%41&" * 1000,
}

# Of the stream, as a proxy repeats it.
ADDRESSES = {
    "none": "",
    "4,000 folders": "/a" * (LINE // 2),
    "up and up": "/.." * (LINE // 3),
    "slashes": "/" * LINE,
    "percent-encoded": "/" + "%61" * (LINE // 3),
    "percent signs": "/a%" * (LINE // 3),
    "a ticket of 8 KiB": "/?ticket=" + "a" * LINE,
    "a ticket of dots": "/?ticket=" + "." * LINE,
    "a ticket percent-encoded": "/?ticket=" + "%41" * (LINE // 3),
    "800 tickets": "/?" + "ticket=a&" * 800,
    "600 different tickets": "/?" + "&".join(f"ticket={number}" for number in range(600)),
    "tickets percent-encoded": "/?" + "&".join(f"ticket=%41{number:x}" for number in range(500)),
    "900 empty tickets": "/?" + "ticket=&" * 900,
    "names almost ticket": "/?" + "xticket=&" * 800,
    "ampersands": "/?" + "&" * LINE,
}

COOKIES = {
    "1,000 of them": "; ".join(f"a{number:x}=b" for number in range(1000)),
    "600 tickets": "; ".join(f"ticket={number}" for number in range(600)),
    "semicolons": ";" * LINE,
    "spaces": "ticket" + " " * LINE + "=",
    "escapes": 'ticket="' + "\\101" * 1900 + '"',
    "escapes in each": "; ".join(['a="\\101"'] * 800),
    "latin-1": "a=\xe9; ticket=" + "\xe9" * LINE,
}


def shapes() -> dict[str, Shape]:
    """All that must be refused, by name."""
    return {
        **{f"admission by {name}": shape for name, shape in _askers().items()},
        **{f"admission to an address: {name}": _passed_on(value) for name, value in ADDRESSES.items()},
        **{f"admission by a cookie: {name}": _passed_on("/", Cookie=value) for name, value in COOKIES.items()},
        "admission by a bearer of 8 KiB": _passed_on("/", Authorization="Bearer " + ".".join(["a" * (LINE // 3)] * 3)),
        "admission to nginx-rtmp: 4,000 arguments": {
            "path": f"/admission/nginx-rtmp?secret={SECRET}",
            "method": "POST",
            "headers": FORM,
            "body": b"call=play&app=a&name=a&" + b"a&" * 4000,
        },
    }


def _askers() -> dict[str, Shape]:
    """Who does not know the secret."""
    found: dict[str, Shape] = {
        "a proxy: no secret": {"path": "/admission"},
        "a proxy: another secret": {"path": "/admission", "headers": {"X-Admission-Secret": "\xe9" * LINE}},
    }
    for server in ("mediamtx", "srs", "nginx-rtmp"):
        for name, query in QUERIES.items():
            asked = {"path": f"/admission/{server}?{query}", "method": "POST"}
            found[f"{server}: {name}"] = {**asked, "headers": JSON, "body": b"[" * 8192}
        found[f"{server}: a form of 8 KiB"] = {**asked, "headers": FORM, "body": b"a&" * 4096}
    signed = {"path": "/admission/ovenmediaengine", "method": "POST", "body": b"[" * 8192}
    found["ovenmediaengine: a signature of 8 KiB"] = {**signed, "headers": {"X-OME-Signature": "=" * LINE}}
    return found


def _passed_on(address: str, **headers: str) -> Shape:
    return {"path": "/admission", "headers": {"X-Admission-Secret": SECRET, "X-Forwarded-Uri": address, **headers}}
