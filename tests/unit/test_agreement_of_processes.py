"""Procfile, local stack, Heroku's formation and make agree on what runs."""

import json
import re

from flask import Flask

from dev.stack import procfile
from dev.stack.keeper import ROOT
from dev.stack.stack import EVERYTHING

MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_the_local_stack_runs_what_the_procfile_keeps_running() -> None:
    assert set(EVERYTHING) == set(procfile.lines()) - {"release"}


def test_heroku_runs_what_the_procfile_keeps_running() -> None:
    formation = json.loads((ROOT / "app.json").read_text())["formation"]
    assert set(formation) == set(procfile.lines()) - {"release"}


def test_the_procfiles_commands_are_there(app: Flask) -> None:
    flask = [line.split() for line in procfile.lines().values() if line.startswith("flask ")]
    assert flask
    assert all(command in app.cli.commands for _, command, *_ in flask)


def test_make_knows_that_its_targets_are_no_files() -> None:
    phony = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert set(" ".join(phony).split()) == TARGETS


def test_make_help_lists_every_target() -> None:
    assert set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)) == TARGETS


def test_every_make_that_a_page_names_can_be_made() -> None:
    pages = [ROOT / "README.rst", *(ROOT / "docs").rglob("*.rst")]
    named = {target for page in pages for target in re.findall(r"``(?:\w+=\S+ )?make ([a-z-]+)", page.read_text())}
    assert {"demo", "test", "up"} <= named <= TARGETS
