"""What program and stack import by name, their requirements name; what is read beside the code, the package has."""

import ast
import configparser
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions

import grimp

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


def brought_by(names: set[str]) -> dict[str, set[str]]:
    """The packages that bring what is not Python's own nor ours; several may, as bson comes with PyMongo."""
    distributions = packages_distributions()
    foreign = names - set(sys.stdlib_module_names) - {"dev", "swag_goals"}
    return {name: {canonical(each) for each in distributions[name]} for name in foreign}


def required(file: str) -> set[str]:
    lines = (ROOT / file).read_text().splitlines()
    return {canonical(re.split(r"==|\[", line)[0]) for line in lines if "==" in line}


def test_what_is_imported_is_required_and_what_is_required_is_imported() -> None:
    brought = brought_by(set(imported()))

    assert {name for name, packages in brought.items() if not packages & required("requirements.in")} == set()
    assert required("requirements.in") - set().union(*brought.values()) == set()


def test_the_stack_imports_nothing_that_only_tests_require() -> None:
    graph = grimp.build_graph("dev", include_external_packages=True, cache_dir=None)
    for optional in ("dev.stack.browser", "dev.watch.proxy", "dev.watch.show"):  # where the tests are installed as well
        graph.remove_import(importer="dev.stack.demo", imported=optional)
    commands = [f"dev.stack.{name}" for name in ("demo", "listen", "up")]
    reached = set().union(*map(graph.find_upstream_modules, commands))
    enough = required("requirements.in") | required("requirements-stack.in")

    brought = brought_by({module.split(".")[0] for module in reached})

    assert "psutil" in brought
    assert {name for name, packages in brought.items() if not packages & enough} == set()


def test_every_file_that_is_no_python_is_in_the_package() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    package = ROOT / "swag_goals"
    packaged = {
        path for pattern in setup["options.package_data"]["swag_goals"].split() for path in package.glob(pattern)
    }

    files = {path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in files if path.suffix != ".py"} == {path for path in packaged if path.is_file()}
