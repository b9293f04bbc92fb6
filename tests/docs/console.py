"""The console blocks of a page: what is typed in which terminal, and what the page says is shown then."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives

MAIN = "main"
PROMPTS = ("$ ", ">>> ")
HERE_DOCUMENT = "<<'END'"

# What differs from run to run.
VARYING = (
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
    r"\[\d\d:\d\d:\d\d\]",
    r"127\.0\.0\.1:\d+",
    r"\b\d{13}\b",
)
ANYTHING = "..."
_PIECES = re.compile(f"({'|'.join([*VARYING, re.escape(ANYTHING)])})")


@dataclass(frozen=True)
class Step:
    """Something typed in a terminal and what is shown then; with nothing typed, what is shown later."""

    terminal: str
    typed: str
    shown: str


class _CodeBlock(Directive):
    """Sphinx's directive, as far as it is needed here."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"caption": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        code = "\n".join(self.content)
        return [nodes.literal_block(code, code, language=self.arguments[0], terminal=self.options.get("caption", MAIN))]


def steps(page: Path) -> Iterator[Step]:
    """The steps of a page, in its order. A block's caption names its terminal."""
    directives.register_directive("code-block", _CodeBlock)
    # What else is Sphinx's is not understood, and does not matter.
    document = publish_doctree(page.read_text(), settings_overrides={"report_level": 5, "halt_level": 5})
    for block in document.findall(nodes.literal_block):
        if block.get("language") == "console":
            yield from _steps_of(block.astext().splitlines(), block["terminal"])


def _steps_of(lines: list[str], terminal: str) -> Iterator[Step]:
    typed: list[str] = []
    shown: list[str] = []
    for line in lines:
        prompt = next(filter(line.startswith, PROMPTS), None)
        if prompt:
            if typed or shown:
                yield Step(terminal, "\n".join(typed), "\n".join(shown))
            typed, shown = [line.removeprefix(prompt)], []
        elif typed and not shown and _goes_on(typed):
            typed.append(line)
        else:
            shown.append(line)
    yield Step(terminal, "\n".join(typed), "\n".join(shown))


def _goes_on(typed: list[str]) -> bool:
    return typed[-1].endswith("\\") or (HERE_DOCUMENT in typed[0] and typed[-1] != "END")


class Shown:
    """Compares what is shown with what pages say, where `...` stands for anything.

    What varies is taken at its first mention for what the page has there, and must be the same
    wherever the page has the same again.
    """

    def __init__(self) -> None:
        self._real: dict[str, str] = {}

    def begins(self, text: str, page: str) -> int | None:
        """How much of `text` is what the page says; None where it begins with something else."""
        new: dict[str, str] = {}
        expected = "".join(self._pattern(piece, new) for piece in _PIECES.split(page))
        found = re.match(f"{expected}(?=\n)", text, re.DOTALL)
        if found is None:
            return None
        self._real |= {piece: found[group] for piece, group in new.items()}
        return found.end()

    def _pattern(self, piece: str, new: dict[str, str]) -> str:
        if piece == ANYTHING:
            return ".*?"
        if piece in self._real:
            return re.escape(self._real[piece])
        if piece in new:
            return f"(?P={new[piece]})"
        for kind in VARYING:
            if re.fullmatch(kind, piece):
                new[piece] = f"new{len(new)}"
                return f"(?P<{new[piece]}>{kind})"
        return re.escape(piece)
