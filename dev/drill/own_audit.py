"""What `flask audit` says of a drill, beside the drill's own count: what operators have, on data that suffered."""

import json
import subprocess
from collections.abc import Iterator

from dev.drill.system import System
from dev.stack import procfile
from dev.stack.keeper import ROOT


def audited(system: System) -> Iterator[str]:
    """What it finds, in words; there are no other programs in a drill, so that nothing is theirs."""
    environment, command = procfile.environment(system.servers.settings), ["flask", "audit", "--json"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if not ended.stdout:
        yield f"flask audit ended with {ended.returncode}: {ended.stderr}"
        return
    report = json.loads(ended.stdout)
    for kind, found in {**report["broken"], **report["others"]}.items():
        yield f"flask audit: {found['count']} {kind}, first {found['examples'][0]}"
