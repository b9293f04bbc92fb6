"""Bring in what `requirements-bench.txt` and `node/package-lock.json` lock, beside what `make setup` brought."""

import shutil
import subprocess
import sys
from pathlib import Path

from local.bundled import node
from local.install import CACHE, ROOT, VENV, digest, run_once

PYTHON_LOCK = ROOT / "requirements-bench.txt"
NODE = ROOT / "local/bench/node"
NODE_INPUTS = (NODE / "package.json", NODE / "package-lock.json", NODE / ".npmrc")


def main() -> int:
    """Install what is missing; 0, or the exit status of the command that failed."""
    try:
        install_python()
        install_node()
    except subprocess.CalledProcessError as failure:
        print(f"Set-up stopped: {failure} Running it again goes on from here.", file=sys.stderr)
        return failure.returncode or 1
    finally:
        shutil.rmtree(CACHE, ignore_errors=True)
    return 0


def install_python() -> None:
    """Add the lock's packages to `.venv`."""
    wanted = f"{(VENV / 'installed').read_text()} {digest(PYTHON_LOCK)}"
    pip = [str(VENV / "bin" / "pip"), "install", "--require-hashes", "--only-binary", ":all:", "-r", str(PYTHON_LOCK)]
    what = "Installing Dramatiq, Huey and FastAPI into .venv"
    run_once(VENV / "installed-bench", wanted, what, pip, PIP_CACHE_DIR=str(CACHE / "pip"))


def install_node() -> None:
    """Make `node_modules` what its lock says."""
    npm = Path(node()).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    command = [node(), str(npm), "ci", "--prefix", str(NODE), "--omit=peer", "--loglevel=error"]
    what, stamp = "Installing BullMQ into local/bench/node", NODE / "node_modules" / ".installed"
    run_once(stamp, digest(*NODE_INPUTS), what, command, npm_config_cache=str(CACHE / "npm"))


if __name__ == "__main__":
    sys.exit(main())
