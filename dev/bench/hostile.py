"""What a stranger may send: requests without a valid token, each dear to refuse in its own way.

None is longer than the server lets through: 8 KiB a line, 32 KiB and a hundred lines a head.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from werkzeug.test import create_environ

from dev.bench import hostile_admission
from dev.bench.hostile_tokens import LINE, tokens

ID = "a" * 24
EXTEND = f"/goals/{ID}/extend"
PLAIN: Mapping[str, Any] = {"path": EXTEND, "method": "PUT"}
ORIGIN = "https://swag.live"
CGI = ("CONTENT_TYPE", "CONTENT_LENGTH")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Shape = Mapping[str, Any]


def environ(shape: Shape) -> dict[str, Any]:
    """The request as servers hand it to WSGI."""
    path, _, query = shape["path"].partition("?")
    body: bytes = shape.get("body", b"")
    headers = {name.upper().replace("-", "_"): value for name, value in shape.get("headers", {}).items()}
    return {
        **create_environ(base_url="http://api.swag.live", method=shape.get("method", "GET")),
        "PATH_INFO": unquote(path, "latin1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        **{name if name in CGI else f"HTTP_{name}": value for name, value in headers.items()},
    }


def shapes(keys: Mapping[str, str]) -> dict[str, Shape]:
    """All that must be refused, by name. `keys` are the settings' JWT_KEYS."""
    return {
        **{f"token: {name}": _sent(Authorization=f"Bearer {token}") for name, token in tokens(keys).items()},
        **{f"Authorization: {name}": _sent(Authorization=value) for name, value in AUTHORIZATIONS.items()},
        **{f"Accept-Language: {name}": _sent(**{"Accept-Language": value}) for name, value in LANGUAGES.items()},
        **{f"query: {name}": {**PLAIN, "path": f"{EXTEND}?{value}"} for name, value in QUERIES.items()},
        **{f"path: {name}": {"path": value} for name, value in PATHS.items()},
        **{f"method: {name}": {"path": EXTEND, "method": value} for name, value in METHODS.items()},
        **{f"header: {name}": _sent(**headers) for name, headers in HEADERS.items()},
        **{f"Host: {name}": _sent(Host=value) for name, value in HOSTS.items()},
        **{f"body: {name}": shape for name, shape in BODIES.items()},
        **{f"metrics: {name}": {"path": "/metrics", **shape} for name, shape in METRICS.items()},
        **hostile_admission.shapes(),
    }


def _sent(**headers: Any) -> Shape:
    return {**PLAIN, "headers": headers}


AUTHORIZATIONS = {
    "empty": "",
    "no token": "Bearer",
    "spaces": "Bearer" + " " * LINE,
    "spaces before a letter": "Bearer" + " " * LINE + "a",
    "another scheme": "Basic " + "QUJD" * 2000,
    "digest": "Digest " + ", ".join(f'a{number}="b"' for number in range(700)),
    "two tokens": "Bearer a.b.c, Bearer a.b.c",
    "latin-1": "Bearer " + "\xe9" * LINE,
}

LANGUAGES = {
    "900 tags": ",".join(f"q{number:x}-TW" for number in range(900)),
    "20 tags of four subtags": ",".join(f"q{number:x}-aaaa-TW-x" for number in range(20)),
    "20 of Chinese": ",".join(f"zh-a{number:x}" for number in range(20)),
    "weights that rise": ",".join(f"f{number:x};q=0.{number:03d}" for number in range(500)),
    "a long weight": "zh-CN;q=0." + "1" * LINE,
    "commas": "," * LINE,
    "stars": "*," * (LINE // 2),
    "quotes": '"' * LINE,
    "spaces": " " * LINE,
    "spaces between": "zz" + " " * (LINE - 10) + ";q=1",
    "one tag": "a" * LINE,
    "subtags": "a-" * (LINE // 2),
}

QUERIES = {
    "lang of 4 KiB": "lang=" + "a" * 4000,
    "lang of subtags": "lang=" + "a-" * 2000,
    "lang percent-encoded": "lang=" + "%41" * 1300,
    "lang in bad UTF-8": "lang=" + "%ff" * 1300,
    "lang 600 times": "lang=&" * 600,
    "names almost lang": "xlang&" * 700,
    "1,000 names": "&".join(f"a{number:x}=b" for number in range(1000)),
    "names percent-encoded": "%41&" * 1000,
    "ampersands": "&" * 4000,
    "equals signs": "=" * 4000,
    "a cursor of 4 KiB": "cursor=" + "a" * 4000,
    "a limit of 4,000 digits": "limit=" + "9" * 4000,
}

PATHS = {
    "no such": "/nothing",
    "another goal's ledger": f"/goals/{ID}/extensions?limit=200&cursor={ID}",
    "an id of 4 KiB": f"/goals/{'a' * 4000}/extensions",
    "an id percent-encoded": f"/goals/{'%61' * 1300}/extensions",
    "4 KiB": "/" + "a" * 4000,
    "2,000 folders": "/a" * 2000,
    "2,000 slashes": "/" * 2000,
    "slashes behind a folder": "/goals" + "/" * 2000,
    "up and up": "/.." * 1300,
    "a known folder, deep": f"/goals/{ID}/extensions" + "/a" * 2000,
    "percent-encoded": "/" + "%61" * 1300,
    "percent-encoded twice": "/" + "%2561" * 800,
    "bad UTF-8": "/" + "%ff" * 1300,
    "of the console, up": "/console/" + "../" * 1300,
    "of the console, deep": "/console/" + "a/" * 2000,
    "of the console, 33 times up": "/console/" + "../" * 33,
    "of the console, 4 KiB": "/console/" + "a" * 4000,
    "of the console, bad UTF-8": "/console/" + "%ff" * 1300,
    "of the console, zero byte": "/console/%00",
}

METHODS = {"GET": "GET", "DELETE": "DELETE", "TRACE": "TRACE", "unknown": "BREW", "4 KiB": "A" * 4000}

HEADERS: dict[str, dict[str, str]] = {
    "90 of them": {f"X-{number}": "v" * 300 for number in range(90)},
    "1,000 cookies": {"Cookie": "; ".join(f"a{number:x}=b" for number in range(1000))},
    "a cookie of 8 KiB": {"Cookie": "a=" + "b" * LINE},
    "a cookie in quotes": {"Cookie": 'a="' + "\\101" * 1900 + '"'},
    "key of 8 KiB": {"Idempotency-Key": "k" * LINE},
    "key of quotes": {"Idempotency-Key": '"' * LINE},
    "request id of 8 KiB": {"X-Request-ID": "r" * LINE},
    "request id of 200": {"X-Request-ID": "r" * 200},
    "X-Forwarded-For": {"X-Forwarded-For": "1.2.3.4, " * 900},
    "X-Forwarded-*": {f"X-Forwarded-{name}": "https, " * 1000 for name in ("Proto", "Host", "Port", "Prefix")},
    "Forwarded": {"Forwarded": 'for="[::1]";proto=https, ' * 320},
    "Origin of ours": {"Origin": ORIGIN},
    "Origin of 8 KiB": {"Origin": "https://" + "a" * LINE},
    "Origin almost ours": {"Origin": ORIGIN * 450},
    "Range": {"Range": "bytes=" + "0-1," * 1900},
    "Accept": {"Accept": "text/html;q=0.1," * 490},
    "Content-Type of many parts": {"Content-Type": "multipart/form-data" + ";a=b" * 1900},
    "Connection": {"Connection": "," * LINE},
    "Connection of 160": {"Connection": "," * 160},
    "Upgrade": {"Connection": "Upgrade", "Upgrade": "websocket"},
    "Transfer-Encoding": {"Transfer-Encoding": "chunked"},
    "Content-Length of 4,000 digits": {"Content-Length": "9" * 4000},
    "Content-Length of 8,000 digits": {"Content-Length": "9" * LINE},
    "Content-Length no number": {"Content-Length": "x" * LINE},
}

HOSTS = {
    "empty": "",
    "8 KiB": "a" * LINE,
    "128 labels": "a." * 128,
    "labels": "a." * (LINE // 2),
    "port no number": "api.swag.live:" + "x" * LINE,
    "almost an address": "[" + ":" * LINE,
    "latin-1": "\xe9" * LINE,
}

BODIES: dict[str, Shape] = {
    "1 KiB": {**PLAIN, "body": b"x" * 1024},
    "2 KiB": {**PLAIN, "body": b"x" * 2048},
    **{
        f"form, {name}": {"path": "/pusher/auth", "method": "POST", "headers": FORM, "body": data}
        for name, data in {
            "plain": b"socket_id=1.1&channel_name=private-a",
            "1 KiB in a field": b"channel_name=" + b"a" * 1000,
            "512 fields": b"a&" * 512,
            "200 channels": b"channel_name=a&" * 68,
            "percent-encoded": b"channel_name=" + b"%41" * 330,
            "2 KiB": b"a" * 2048,
        }.items()
    },
    "multipart": {
        "path": "/pusher/auth",
        "method": "POST",
        "headers": {"Content-Type": "multipart/form-data; boundary=b"},
        "body": b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 19,
    },
}

METRICS: dict[str, Shape] = {
    "a wrong token": {"headers": {"Authorization": "Bearer " + "x" * 32}},
    "a token of 8 KiB": {"headers": {"Authorization": "Bearer " + "x" * LINE}},
    "latin-1": {"headers": {"Authorization": "Bearer " + "\xe9" * LINE}},
    "spaces": {"headers": {"Authorization": "Bearer" + " " * LINE}},
}
