"""Bring in what `requirements-bench.txt` and `node/package-lock.json` lock, beside what `make setup` brought."""

from pathlib import Path

from dev.stack.bundled import node
from dev.stack.install import CACHE, ROOT, VENV, digest, install, run_once
from dev.stack.outcome import end

PYTHON_LOCK = ROOT / "requirements-bench.txt"
NODE = ROOT / "dev/bench/node"
NODE_INPUTS = (NODE / "package.json", NODE / "package-lock.json", NODE / ".npmrc")


def main() -> int:
    """Install what is missing; 0, or the exit status of the command that failed."""
    return install(install_python, install_node)


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
    what, stamp = "Installing BullMQ into dev/bench/node", NODE / "node_modules" / ".installed"
    run_once(stamp, digest(*NODE_INPUTS), what, command, npm_config_cache=str(CACHE / "npm"))


if __name__ == "__main__":
    end(main)
