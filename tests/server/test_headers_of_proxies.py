"""No header that proxies set, and anybody can send, changes what a request means, or is refused."""

import itertools

import pytest
from gunicorn.config import ForwarderHeaders, SecureSchemeHeader

from tests.server.web import Web, get

# The names that gunicorn may believe as it comes, and others that servers and frameworks believe.
SCHEMES = (*SecureSchemeHeader.default, "X-Forwarded-Scheme", "X-Url-Scheme", "Front-End-Https", "Forwarded")
ENVIRON = (*ForwarderHeaders.default.split(","), "REMOTE_USER", "REMOTE_ADDR", "SERVER_NAME", "HTTPS")
OTHERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Real-Ip", "Via")
NAMES = (*SCHEMES, *ENVIRON, *(name.replace("_", "-") for name in ENVIRON), *OTHERS)
VALUES = ("https", "http", "ssl", "on", "off", "true", "proto=https;host=a", "/x", "")


def asked(web: Web, *headers: str) -> dict[str, str]:
    """What the app was asked, but for those very headers and what differs from client to client."""
    answer = web.ask(get("/a", *headers))
    assert answer.status == 200, headers
    sent = {"HTTP_" + header.partition(":")[0].upper().replace("-", "_") for header in headers}
    return {name: value for name, value in answer.body.items() if name not in {*sent, "REMOTE_PORT"}}


@pytest.mark.parametrize("name", NAMES)
def test_one_of_them(web: Web, name: str) -> None:
    usual = asked(web)

    for value in VALUES:
        assert asked(web, f"{name}: {value}") == usual
        assert asked(web, f"{name}: {value}", f"{name}: {value}") == usual


@pytest.mark.parametrize("name", NAMES)
def test_one_that_contradicts_itself(web: Web, name: str) -> None:
    usual = asked(web)

    for values in itertools.permutations(VALUES, 2):
        assert asked(web, *(f"{name}: {value}" for value in values)) == usual


def test_those_that_contradict_each_other(web: Web) -> None:
    usual = asked(web)

    for names in itertools.permutations(NAMES, 2):
        assert asked(web, f"{names[0]}: https", f"{names[1]}: off") == usual
