"""What `flask doctor` found, in a sentence, and why a server cannot be used."""

import re
from dataclasses import dataclass

# What clients say of it, in few words, and what to do.
_CAUSES = (
    (
        "name or service not known|no address associated|query name does not exist|does not contain an answer",
        ("its name is not found", "look at the host"),
    ),
    (
        "temporary failure in name resolution|nameservers failed|resolution lifetime",
        ("the name server does not answer", "it may be back in a moment; else look at this machine's name servers"),
    ),
    ("connection refused", ("it refuses connections", "look whether it runs, and at its port")),
    ("CERTIFICATE_VERIFY_FAILED", ("its certificate is not trusted", "give the file of who vouches for it")),
    ("SSL:", ("it does not speak TLS as asked", "look at its port, and whether it speaks TLS there")),
    ("connection closed", ("it closes connections", "look whether it wants TLS")),
    (
        "authentication failed|WRONGPASS|NOAUTH|invalid password",
        ("wrong credentials", "look at the user and the password"),
    ),
    ("not authorized|NOPERM", ("its user may not do this", "give the user the right")),
    ("timed out|timeout (connecting|reading)", ("no answer", "look whether it runs, and whether the network lets it")),
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in a sentence; where it is not well, what to do."""

    well: bool
    says: str


def either(well: object, says: str, wrong: str) -> Finding:
    """What it says where it is well, and where it is wrong."""
    return Finding(bool(well), says if well else wrong)


def explain(error: Exception) -> tuple[str, str]:
    """In few words why a server could not be used, and what to do; never the client's own, which may hold a secret."""
    for pattern, words in _CAUSES:
        if re.search(pattern, f"{getattr(error, 'status_code', None)} {error}", re.IGNORECASE):
            return words
    return type(error).__name__, "look whether it runs"
