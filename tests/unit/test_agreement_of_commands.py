"""Commands that the pages name are there, with their options."""

import re
from collections.abc import Iterator

import click
import pytest
from flask import Flask

from dev.stack.keeper import ROOT

PAGES = [ROOT / "README.rst", *sorted((ROOT / "docs").rglob("*.rst"))]
NAMED = re.compile(r"\bflask((?: [a-z]+)+)((?: [^`\n|)]+)?)")
FLASKS_OWN = {"shell"}


def named() -> Iterator[tuple[str, str]]:
    """Each `flask ...` of a page, as words and the rest of its line."""
    for page in PAGES:
        for line in page.read_text().splitlines():
            if "``flask" in line or ".venv/bin/flask" in line:
                yield from NAMED.findall(line)


@pytest.mark.parametrize(("words", "rest"), sorted(set(named())))
def test_a_command_that_a_page_names_is_there(words: str, rest: str, app: Flask) -> None:
    command: click.Command = app.cli
    names = words.split()
    while isinstance(command, click.Group) and names:
        if (name := names.pop(0)) in FLASKS_OWN:
            return
        assert name in command.commands, f"flask{words}"
        command = command.commands[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", rest)) <= options
