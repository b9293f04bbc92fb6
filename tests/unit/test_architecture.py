"""The drawing of the architecture is how the code is: what imports what, and where vendors stay."""

from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import grimp
import pytest

from swag_goals.documents.extension import APPLIED, DONE, PENDING, REJECTED

ROOT = Path(__file__).parent.parent.parent
PACKAGE = "swag_goals"
DRAWING = ElementTree.parse(ROOT / "docs/figures/architecture.svg")
STATUSES = ElementTree.parse(ROOT / "docs/figures/statuses.svg")


def drawn(drawing: "ElementTree.ElementTree[ElementTree.Element]", kind: str) -> list[ElementTree.Element]:
    """The texts of a class, from top to bottom."""
    texts = drawing.iterfind(f".//{{*}}text[@class='{kind}']")
    return sorted(texts, key=lambda text: float(text.attrib["y"]))


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(PACKAGE, include_external_packages=True, cache_dir=None)


def test_every_part_is_drawn_and_every_drawn_part_is_there(imports: grimp.ImportGraph) -> None:
    parts = {module.removeprefix(f"{PACKAGE}.") for module in imports.find_children(PACKAGE)}
    assert {text.text for text in drawn(DRAWING, "part")} == parts


def test_a_part_imports_only_what_is_drawn_below_it(imports: grimp.ImportGraph) -> None:
    rows = groupby(drawn(DRAWING, "part"), key=lambda text: text.attrib["y"])
    layers = [{str(text.text) for text in row} for _, row in rows]
    illegal = imports.find_illegal_dependencies_for_layers(layers, containers={PACKAGE})
    assert not {f"{each.importer} imports {each.imported}" for each in illegal}


@pytest.mark.parametrize("library", drawn(DRAWING, "library"), ids=lambda text: text.text)
def test_a_library_is_used_only_where_it_is_drawn(library: ElementTree.Element, imports: grimp.ImportGraph) -> None:
    importers = imports.find_modules_that_directly_import(str(library.text).lower())
    assert {module.split(".")[1] for module in importers} == set(library.attrib["data-used-by"].split())


def test_every_status_is_drawn() -> None:
    assert {text.text for text in drawn(STATUSES, "status")} == {PENDING, APPLIED, DONE, REJECTED}
