"""Bring in what `requirements-bench.txt` and `node/package-lock.json` lock, beside what `make setup` brought."""

import shutil
import subprocess
import sys
from pathlib import Path

from local.bundled import node
from local.install import CACHE, ROOT, VENV, digest, run

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
    stamp, wanted = VENV / "installed-bench", f"{(VENV / 'installed').read_text()} {digest(PYTHON_LOCK)}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    pip = [str(VENV / "bin" / "pip"), "install", "--require-hashes", "--only-binary", ":all:", "-r", str(PYTHON_LOCK)]
    run("Installing Dramatiq, Huey and FastAPI into .venv", pip, PIP_CACHE_DIR=str(CACHE / "pip"))
    stamp.write_text(wanted)


def install_node() -> None:
    """Make `node_modules` what its lock says."""
    stamp, wanted = NODE / "node_modules" / ".installed", digest(*NODE_INPUTS)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = Path(node()).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    command = [node(), str(npm), "ci", "--prefix", str(NODE), "--omit=peer", "--loglevel=error"]
    run("Installing BullMQ into local/bench/node", command, npm_config_cache=str(CACHE / "npm"))
    stamp.write_text(wanted)


if __name__ == "__main__":
    sys.exit(main())
