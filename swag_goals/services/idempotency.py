"""The key by which a repeat of a request is known."""

import re

KEY = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


def unquoted(key: str) -> str:
    """The key without the quotes that a structured header's string has."""
    return key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key


def is_key(key: str) -> bool:
    """Whether it is of the form of keys; one that was sent twice arrives with a comma, which none has."""
    return KEY.fullmatch(key) is not None
