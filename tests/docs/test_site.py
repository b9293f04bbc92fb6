"""The documentation builds without a warning, needs nobody else's host, and names nothing that is not there."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dev.stack.keeper import ROOT

PAGES = [ROOT / "README.rst", *sorted((ROOT / "docs").rglob("*.rst"))]
FOLDERS = ("dev", "docs", "migrations", "ops", "swag_goals", "tests")
PATH = re.compile(rf"``((?:{'|'.join(FOLDERS)})(?:/[\w.-]+)*)/?``")
LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


class Addresses(HTMLParser):
    """What a page loads by itself, and where it leads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if address := values.get(LOADED.get(tag, "")):
            self.loaded.append(address)
        if tag == "a" and (address := values.get("href")):
            self.links.append(address)


@pytest.fixture(scope="module")
def addresses(site: Path) -> dict[Path, Addresses]:
    pages = {page: Addresses(page) for page in site.rglob("*.html")}
    assert {"index.html", "api.html", "tutorial.html"} <= {page.name for page in pages}
    return pages


def test_the_front_page_is_the_readme(site: Path) -> None:
    [title, *_] = (ROOT / "README.rst").read_text().splitlines()

    front_page = (site / "index.html").read_text()
    assert f"<h1>{title}" in front_page
    assert "_images/flow.svg" in front_page
    assert "howto/behind-a-proxy.html" in front_page


def test_a_page_loads_nothing_from_another_host(addresses: dict[Path, Addresses]) -> None:
    foreign = {each for page in addresses.values() for each in page.loaded if urlsplit(each).netloc}
    assert not foreign


def test_a_link_inside_leads_to_a_page_that_is_there(addresses: dict[Path, Addresses]) -> None:
    for page, found in addresses.items():
        for link in found.links:
            url = urlsplit(link)
            if url.path and not url.netloc:
                assert (page.parent / url.path).exists(), f"{page.name}: {link}"


def test_a_link_outside_is_a_well_formed_address(addresses: dict[Path, Addresses]) -> None:
    for page, found in addresses.items():
        for link in found.links:
            if (url := urlsplit(link)).netloc or url.scheme:
                assert re.fullmatch(r"https://[\w-]+(\.[\w-]+)+(/[\w./~#?=&%-]*)?", link), f"{page.name}: {link}"


def paths() -> Iterator[tuple[str, str]]:
    """Each path that a page names, as (page, path)."""
    for page in PAGES:
        for path in PATH.findall(page.read_text()):
            yield str(page.relative_to(ROOT)), path


@pytest.mark.parametrize(("page", "path"), sorted(set(paths())))
def test_a_file_that_a_page_names_is_there(page: str, path: str) -> None:
    assert (ROOT / path).exists()
