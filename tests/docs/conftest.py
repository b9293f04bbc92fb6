"""The built site, and a checkout to follow its pages in."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dev.stack import install
from dev.stack.keeper import ROOT

NOT_COPIED = shutil.ignore_patterns(
    ".git", ".local", ".venv", ".hypothesis", ".*_cache", "__pycache__", "_build", "node_modules"
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    make = subprocess.run(
        ["make", "-n", "--no-print-directory", "docs"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    command = make.stdout.splitlines()[-1].split()
    done = subprocess.run([*command[:-1], str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this checkout, set up, in which nobody else runs anything."""
    folder = tmp_path / "swag_goals"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    for node in ("dev/stack/node", "tests/node"):
        assert install.node_is_installed(ROOT / node), "make setup"
        (folder / node / "node_modules").symlink_to(ROOT / node / "node_modules")
    (folder / ".venv").mkdir()
    for path in install.VENV.iterdir():
        if path.name != "installed":
            (folder / ".venv" / path.name).symlink_to(path)
    locks = [f"{lock.name} {install.digest(lock)}" for lock in folder.glob("requirements*.txt")]
    (folder / ".venv/installed").write_text("\n".join([f"{folder} {install.PYTHON.resolve()}", *locks]))
    return folder
