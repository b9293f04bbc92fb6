"""What anybody may have without a token, asked for in ways that are dear to answer."""

from dev.bench.hostile import EXTEND, ORIGIN, Shape
from dev.bench.hostile_tokens import LINE

SCRIPT = "/console/vendor/pusher.min.js"
_PREFLIGHT = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}
_ASKED = "Access-Control-Request-Headers"


def _options(**headers: str) -> Shape:
    return {"path": EXTEND, "method": "OPTIONS", "headers": headers}


PUBLIC: dict[str, Shape] = {
    "preflight: as browsers send it": _options(**_PREFLIGHT, **{_ASKED: "authorization,x-request-id"}),
    "preflight: another origin": _options(**{**_PREFLIGHT, "Origin": "https://example.com"}),
    "preflight: an origin of 8 KiB": _options(**{**_PREFLIGHT, "Origin": "https://" + "a" * LINE}),
    "preflight: another method": _options(**{**_PREFLIGHT, "Access-Control-Request-Method": "DELETE"}),
    "preflight: a method of 8 KiB": _options(**{**_PREFLIGHT, "Access-Control-Request-Method": "A" * LINE}),
    "preflight: 4,000 empty headers": _options(**_PREFLIGHT, **{_ASKED: "," * (LINE // 2)}),
    "preflight: 1,500 unknown headers": _options(
        **_PREFLIGHT, **{_ASKED: ",".join(f"x{number:x}" for number in range(1500))}
    ),
    "preflight: 160 empty headers": _options(**_PREFLIGHT, **{_ASKED: "," * 160}),
    "preflight: a header 23 times": _options(**_PREFLIGHT, **{_ASKED: ",".join(["pragma"] * 23)}),
    "preflight: a header 1,100 times": _options(**_PREFLIGHT, **{_ASKED: "pragma," * 1100}),
    "preflight: a header of 8 KiB": _options(**_PREFLIGHT, **{_ASKED: "a" * LINE}),
    "preflight: no origin": _options(),
    "public: healthz": {"path": "/healthz"},
    "public: openapi.json": {"path": "/openapi.json"},
    "public: openapi.json, many queries": {"path": "/openapi.json?" + "a=b&" * 1000},
    "public: docs": {"path": "/docs"},
    "public: docs, HEAD": {"path": "/docs", "method": "HEAD"},
    "console: the page": {"path": "/console"},
    "console: the viewer's page": {"path": "/console/viewer"},
    "console: pusher.json": {"path": "/console/pusher.json"},
    "console: a script": {"path": SCRIPT},
    **{
        f"console: {name}": {"path": SCRIPT, "headers": {header: value}}
        for name, header, value in (
            ("a range", "Range", "bytes=0-9"),
            ("the last byte", "Range", "bytes=-1"),
            ("38 ranges", "Range", "bytes=" + ",".join(["0-1"] * 38)),
            ("40 tags", "If-None-Match", ",".join(['"a"'] * 40)),
            ("80 tags without quotes", "If-None-Match", "a," * 80),
            ("2,000 ranges", "Range", "bytes=" + "0-1," * 1900),
            ("a range no number", "Range", "bytes=" + "x" * LINE),
            ("1,000 tags", "If-None-Match", '"a",' * 1900),
            ("a tag of 8 KiB", "If-None-Match", '"' + "a" * LINE + '"'),
            ("tags without quotes", "If-None-Match", "a," * 4000),
            ("a date", "If-Modified-Since", "Sun, 29 Nov 2026 12:00:00 GMT"),
            ("a date of 8 KiB", "If-Modified-Since", "Sun, " * 1600),
            ("a date of digits", "If-Modified-Since", "1" * LINE),
            ("a date of 8 KiB, unmodified", "If-Unmodified-Since", "Sun, " * 1600),
            ("If-Match", "If-Match", '"a",' * 1900),
            ("If-Range", "If-Range", "Sun, " * 1600),
        )
    },
}
