"""Where packages come from, as the settings of this machine say; and why one did not come.

pip only brings uv, which knows nothing of pip's settings: whoever gave them to one has given them to both.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

# Options of pip, and the variables in which uv takes the same.
UV_NAMES = {
    "index-url": "UV_INDEX_URL",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_OFFLINE",
    "trusted-host": "UV_INSECURE_HOST",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
}
AUTHORITIES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")  # as pip prefers them
INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
HOST = re.compile(r"https?://(?:[^/\s@]*@)?([^/\s'\"`)>,]+)")
CHECK = "check the network, and the registry's URL and HTTPS_PROXY if you set them"
# By what pip, uv or npm says in that case, the surest first.
CAUSES = {
    "no space left|ENOSPC": "the disk is full: the demo takes 0.6 GB here, everything 1.7 GB.",
    "not match the hashes|hash mismatch|EINTEGRITY": (
        "what {host} sent has another hash than the lock names: use another mirror, or ask whoever runs this one."
    ),
    "certificate": (
        "the certificate of {host} is not trusted: set SSL_CERT_FILE to the file of your company's authority "
        "(also PIP_CERT and NODE_EXTRA_CA_CERTS, if they are set)."
    ),
    "service not known|name resolution|ENOTFOUND|EAI_AGAIN|dns error": f"the name {{host}} was not found: {CHECK}.",
    "refused|timed? ?out|unreachable|reset by peer|ECONNRESET": f"{{host}} does not answer: {CHECK}.",
    r"error \(?(code E)?40[137]|40[137] client error": (
        "{host} denied access (401, 403 or 407): give the user and password that it wants, as part of its URL."
    ),
    r"error \(?(code E)?404|404 client error|no matching distribution|not found in the": (
        "{host} does not show a package of the lock, as it lacks it (404) or wants a password (401, 403): "
        "use another mirror, or ask whoever runs this one."
    ),
}
OPTION = re.compile(r"^(:env:|global|install)\.([\w-]+)=(.+)$", re.MULTILINE)


def for_pip(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for pip: where it has no index or authority of its own, uv's index and any authority."""
    index = environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL")
    return {**_given(PIP_INDEX_URL=index, REQUESTS_CA_BUNDLE=_authority(environment)), **environment}


def for_uv(environment: Mapping[str, str], pip_config: str) -> dict[str, str]:
    """The environment for uv: where it has no settings of its own, pip's.

    :param pip_config: what `pip config list` says.
    """
    pip = _options(pip_config)
    ours = {UV_NAMES[name]: value for name, value in pip.items() if name in UV_NAMES}
    # As for pip, which prefers no index to another; hashes say what is taken.
    ours |= {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "true"}
    return {**ours, **environment, **_given(SSL_CERT_FILE=pip.get("cert") or _authority(environment))}


def for_npm(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for npm: where it has no authority of its own, any."""
    return {**_given(NODE_EXTRA_CA_CERTS=_authority(environment)), **environment}


def _options(pip_config: str) -> dict[str, str]:
    found = sorted(OPTION.findall(pip_config), key=lambda option: option[0] == ":env:")  # the strongest last
    values = {name: ast.literal_eval(value).split() for _, name, value in found}
    return {name: ("," if name == "find-links" else " ").join(value) for name, value in values.items()}


def _authority(environment: Mapping[str, str]) -> str | None:
    return next((path for name in AUTHORITIES if Path(path := environment.get(name, "")).is_file()), None)


def _given(**settings: str | None) -> dict[str, str]:
    return {name: value for name, value in settings.items() if value}


def cause(said: str, environment: Mapping[str, str]) -> str:
    """A sentence on why pip, uv or npm failed in this environment, and what helps, from what it said."""
    index = next((environment[name] for name in INDEXES if environment.get(name)), "")
    host = (HOST.findall(f"{index} {said}") or ["PyPI"])[-1]
    known = (sentence.format(host=host) for sign, sentence in CAUSES.items() if re.search(sign, said, re.IGNORECASE))
    return next(known, (said.strip().splitlines() or ["it said nothing."])[-1])
