"""What pip's settings become for uv, and what is said of a download that failed."""

from pathlib import Path

import pytest

from dev.stack.registries import cause, for_npm, for_pip, for_uv

CONFIG = r"""
WARNING: a line that is no setting
:env:.index-url='https://env.example/simple'
global.extra-index-url='\nhttps://a.example/simple\nhttps://b.example/simple'
global.find-links='/a /b'
global.index-url='https://conf.example/simple'
global.timeout='60'
install.timeout='90'
install.trusted-host='a.example b.example'
list.timeout='1'
"""


def test_uv_is_told_what_pip_was_told_by_the_environment_before_its_files() -> None:
    told = for_uv({}, CONFIG)

    assert told["UV_INDEX_URL"] == "https://env.example/simple"
    assert told["UV_EXTRA_INDEX_URL"] == "https://a.example/simple https://b.example/simple"
    assert told["UV_FIND_LINKS"] == "/a,/b"
    assert told["UV_INSECURE_HOST"] == "a.example b.example"
    assert told["UV_HTTP_TIMEOUT"] == "90"


def test_what_uv_was_told_itself_stands() -> None:
    own = {"UV_INDEX_URL": "https://uv.example/simple", "UV_SYSTEM_CERTS": "false"}

    assert for_uv(own, CONFIG).items() >= own.items()


def test_pip_finds_uv_where_uv_finds_the_rest() -> None:
    uv = {"UV_DEFAULT_INDEX": "https://uv.example/simple"}

    assert for_pip(uv)["PIP_INDEX_URL"] == "https://uv.example/simple"
    assert for_pip(uv | {"PIP_INDEX_URL": "https://pip.example"})["PIP_INDEX_URL"] == "https://pip.example"


@pytest.mark.parametrize("name", ["PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_that_one_client_was_told_of_is_told_to_all(name: str, tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    authority.touch()
    environment = {name: str(authority)}

    assert for_pip(environment)["REQUESTS_CA_BUNDLE"] == str(authority)
    assert for_uv(environment, "")["SSL_CERT_FILE"] == str(authority)
    assert for_npm(environment)["NODE_EXTRA_CA_CERTS"] == str(authority)


def test_the_authority_in_pips_file_goes_before_all_others_for_uv(tmp_path: Path) -> None:
    (tmp_path / "other.pem").touch()

    assert for_uv({"SSL_CERT_FILE": str(tmp_path / "other.pem")}, "global.cert='/a.pem'")["SSL_CERT_FILE"] == "/a.pem"


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (
            "'NewConnectionError('...: [Errno -2] Name or service not known')': /simple/uv/",
            "name PyPI was not found",
        ),
        ("cause: dns error\n  cause: failed to lookup address information", "name PyPI was not found"),
        ("request to https://npm.example/tiny failed, reason: getaddrinfo ENOTFOUND", "name npm.example was not found"),
        ("Failed to establish a new connection: [Errno 111] Connection refused", "PyPI does not answer"),
        ("https://a.example/simple/uv/ cause: Connection refused (os error 111)", "a.example does not answer"),
        (
            "FetchError: request to https://127.0.0.1:9/tiny failed, reason: connect ECONNREFUSED",
            "127.0.0.1:9 does not",
        ),
        (
            "error sending request for url (https://a.example/b)\n  cause: operation timed out",
            "a.example does not answer",
        ),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer", "not trusted"),
        (
            "https://a.example/simple/uv/: invalid peer certificate: UnknownIssuer",
            "certificate of a.example is not trusted",
        ),
        ("https://a.example/tiny failed, reason: unable to verify the first certificate", "is not trusted"),
        ("ERROR: HTTP error 403 while getting https://a.example/uv/uv.whl", "a.example denied access"),
        ("HTTP status client error (401 Unauthorized) for url (https://a.example/uv)", "a.example denied access"),
        ("npm error 407 Proxy Authentication Required - GET https://a.example/tiny", "a.example denied access"),
        (
            "Looking in indexes: https://a.example/\nERROR: No matching distribution found for uv",
            "a.example does not show",
        ),
        ("because tiny was not found in the package registry", "PyPI does not show a package"),
        (
            "npm error code E404\nnpm error 404 Not Found - GET https://a.example/tiny",
            "a.example does not show a package",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "has another hash"),
        ("cause: Hash mismatch for `tiny==1.0`", "has another hash"),
        ("npm error code EINTEGRITY", "has another hash"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("cause: failed to write to file `small.py`: No space left on device (os error 28)", "disk is full"),
        ("npm error nospc ENOSPC: no space left on device, write", "disk is full"),
    ],
)
def test_each_clients_words_for_a_failure_are_understood(said: str, means: str) -> None:
    assert means in cause(said, {})


def test_what_is_not_understood_is_shown_as_its_last_line() -> None:
    assert cause("one thing\nanother thing\n", {}) == "another thing"
    assert cause("", {}) == "it said nothing."


def test_the_host_that_is_named_is_the_one_that_was_set_without_its_password() -> None:
    index = {"PIP_INDEX_URL": "https://user:password@mirror.example:8443/simple"}

    assert cause("cause: Hash mismatch for `tiny==1.0`", index).startswith("what mirror.example:8443 sent")
