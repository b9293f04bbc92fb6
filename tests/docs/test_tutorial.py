"""What the tutorial and the how-to pages say is typed and shown, is so."""

from pathlib import Path

from dev.stack.keeper import ROOT
from tests.docs.console import steps
from tests.docs.terminals import Terminals

# The how-to pages go on where the tutorial ends.
PAGES = [ROOT / "docs/tutorial.rst", *sorted((ROOT / "docs/howto").glob("*.rst"))]


def test_every_command_shows_what_its_page_says(checkout: Path) -> None:
    with Terminals(checkout) as terminals:
        for page in PAGES:
            for step in steps(page):
                terminals.play(step)
