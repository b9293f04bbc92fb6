"""Every problem that a caller can meet: its status, and what it says in each language."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from swag_goals.representations.languages import ENGLISH, LANGUAGES


class Text(NamedTuple):
    """What a problem says. The detail tells a person what to do."""

    title: str
    detail: str


class ProblemType(NamedTuple):
    """One kind of problem; its texts by language."""

    status: int
    texts: dict[str, Text]


# A file, so that each text stands beside its translation, in lines as long as they are.
_FILE = Path(__file__).with_name("problems.toml")
PROBLEM_TYPES = {
    code: ProblemType(kind["status"], {language: Text(*kind[language]) for language in LANGUAGES})
    for code, kind in tomllib.loads(_FILE.read_text("utf-8")).items()
}


def problem(code: str, request_id: str, language: str = ENGLISH) -> dict[str, Any]:
    """The problem's JSON, of RFC 9457."""
    status, texts = PROBLEM_TYPES[code]
    return {
        "type": f"urn:swag-goals:problem:{code}",
        "title": texts[language].title,
        "status": status,
        "detail": texts[language].detail,
        "code": code,
        "request_id": request_id,
    }
