"""`make up` in a checkout of its own: what it publishes stays true, and nothing of it stays."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dev.stack.keeper import ROOT
from tests.eventually import eventually
from tests.stack.processes import alive, with_children

UP = [sys.executable, "-m", "dev.stack.up"]
NAMES = ["mongod-1", "redis", "pusher", "web", "worker", "sweeper"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this checkout in which nobody else runs anything."""
    (tmp_path / "dev/stack").mkdir(parents=True)
    for module in (ROOT / "dev/stack").glob("*.py"):
        shutil.copy(module, tmp_path / "dev/stack")
    (tmp_path / "dev/stack/node").symlink_to(ROOT / "dev/stack/node")
    for name in (".venv", "Procfile", "gunicorn.conf.py", "migrations", "swag_goals", "wsgi.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@contextmanager
def up(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    """`make up`, once it is up; killed at the end of the test if it still runs."""
    with subprocess.Popen(UP, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            eventually(lambda: (checkout / ".local/pids").exists() or process.poll() is not None, within=60)
            assert process.poll() is None, process.communicate()
            yield process
        finally:
            process.kill()


def pids(checkout: Path) -> dict[str, int]:
    """What the pids file says."""
    lines = (checkout / ".local/pids").read_text().splitlines()
    return {name: int(pid) for name, pid in map(str.split, lines)}


def settings(checkout: Path) -> dict[str, str]:
    """What the env file says."""
    return dict(line.split("=", 1) for line in (checkout / ".local/env").read_text().splitlines())


def ended(process: "subprocess.Popen[str]", sig: int) -> int:
    """Its exit status after a signal that asks it to end."""
    process.send_signal(sig)
    return process.wait(timeout=60)


def none_alive(pids: list[int]) -> Callable[[], bool]:
    """Asks whether all of them are gone."""
    return lambda: not any(map(alive, pids))


def test_what_is_published_is_true_until_ctrl_c_removes_it(checkout: Path) -> None:
    with up(checkout) as process:
        first = pids(checkout)
        assert list(first) == NAMES
        assert all(map(alive, first.values()))
        assert [(checkout / f".local/{name}").stat().st_mode & 0o777 for name in ("env", "pids")] == [0o600, 0o600]

        published = settings(checkout)
        assert json.loads(published["JWT_KEYS"])
        assert len(published["ADMISSION_SECRET"]) >= 32
        api = HTTPConnection(urlsplit(published["API_URL"]).netloc)
        api.request("GET", "/readyz")
        assert api.getresponse().status == 200
        api.close()

        os.kill(first["worker"], signal.SIGKILL)
        eventually(lambda: pids(checkout).get("worker") not in (None, first["worker"]))
        second = pids(checkout)
        assert alive(second["worker"])
        assert {**first, "worker": second["worker"]} == second

        again = subprocess.run(UP, cwd=checkout, capture_output=True, text=True, timeout=60, check=False)
        assert (again.returncode, again.stderr.startswith("It is already up")) == (1, True)
        assert pids(checkout) == second

        everything = with_children(*second.values())
        assert ended(process, signal.SIGINT) == 0
    assert none_alive(everything)()
    assert not {"env", "pids"} & {path.name for path in (checkout / ".local").iterdir()}
    assert not list((checkout / ".local").glob("run-*"))


def test_what_a_killed_one_left_neither_runs_nor_is_in_the_way(checkout: Path) -> None:
    with up(checkout) as process:
        everything = with_children(*pids(checkout).values())
        process.kill()
    eventually(none_alive(everything))
    stale = pids(checkout)
    (checkout / ".local/pids").rename(checkout / ".local/stale")
    with up(checkout) as process:
        assert not set(pids(checkout).values()) & set(stale.values())
        assert ended(process, signal.SIGTERM) == 0


def test_a_program_that_does_not_start_is_named_with_its_last_words(checkout: Path) -> None:
    environment = {**os.environ, "CORS_ORIGINS": "nonsense"}
    done = subprocess.run(UP, cwd=checkout, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "release ended with status" in done.stderr
    assert "CORS_ORIGINS is wrong" in done.stderr
