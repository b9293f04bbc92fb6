"""What the program imports by name, its requirements name; what it reads beside its code, its package has."""

import ast
import configparser
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions

from dev.stack.keeper import ROOT

SOURCES = [ROOT / "wsgi.py", *(ROOT / "swag_goals").rglob("*.py")]


def imported() -> Iterator[str]:
    """The top names of what is not Python's own."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.split(".")[0]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_is_imported_is_required_and_what_is_required_is_imported() -> None:
    distributions = packages_distributions()
    foreign = set(imported()) - set(sys.stdlib_module_names) - {"swag_goals"}
    # Several may bring one name, as bson comes with PyMongo.
    brought = {name: {canonical(each) for each in distributions[name]} for name in foreign}
    lines = (ROOT / "requirements.in").read_text().splitlines()
    required = {canonical(re.split(r"==|\[", line)[0]) for line in lines if not line.startswith("#")}

    assert {name for name, distribution in brought.items() if not distribution & required} == set()
    assert required - set().union(*brought.values()) == set()


def test_every_file_that_is_no_python_is_in_the_package() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    package = ROOT / "swag_goals"
    packaged = {
        path for pattern in setup["options.package_data"]["swag_goals"].split() for path in package.glob(pattern)
    }

    files = {path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in files if path.suffix != ".py"} == {path for path in packaged if path.is_file()}
