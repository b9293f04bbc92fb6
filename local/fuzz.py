"""`make fuzz`: hostile requests of every shape against the whole system, by Schemathesis.

No answer may be a 5xx or one that /openapi.json does not allow, and no document may be wrong
afterwards. REQUESTS says how many (20,000), SEED where to begin.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from local import api, bait
from local.keeper import ROOT
from local.stack import Stack

CONFIG = ROOT / "local" / "schemathesis.toml"
SCHEMATHESIS = ROOT / ".venv" / "bin" / "schemathesis"
A_ROUND = 400  # examples of each operation
SETTLED_WITHIN = 120.0  # seconds


@dataclass
class Report:
    """What came of it; `complaints` in words."""

    requests: int = 0
    complaints: list[str] = field(default_factory=list)


def fuzz(requests: int, seed: int, examples: int = A_ROUND, say: Callable[[str], None] = lambda text: None) -> Report:
    """Send at least so many requests, in rounds, and look at the documents afterwards."""
    report = Report()
    limitless = {"RATE_LIMIT_GOAL": "", "RATE_LIMIT_STREAMER": ""}
    with (
        Stack(settings=limitless, say=say) as stack,
        MongoClient[dict[str, Any]](stack.settings["MONGODB_URI"]) as client,
        tempfile.TemporaryDirectory() as folder,
    ):
        documents = client.get_default_database()
        laid = bait.lay(stack.settings, documents)
        url = stack.settings["API_URL"]
        description = bait.lead_to(laid, api.ask(url, "GET", "/openapi.json", laid.token, {}).body)
        (Path(folder) / "openapi.json").write_text(json.dumps(description))
        for number in count(seed):
            choice = ("--url", url, "--seed", str(number), "--max-examples", str(examples))
            run_round(report, Path(folder), laid.token, choice)
            say(f"{report.requests:,} requests, {len(report.complaints)} complaints (seed {number})")
            if report.requests >= requests or report.complaints:
                break
        until = time.monotonic() + SETTLED_WITHIN
        while bait.pending(documents) and time.monotonic() < until:
            time.sleep(0.1)
        report.complaints += bait.wrong(laid, documents)
        report.complaints += [line for line in stack.logs("web").splitlines() if '"crashed"' in line]
    return report


def run_round(report: Report, folder: Path, token: str, choice: Sequence[str]) -> None:
    """Run Schemathesis once with these options; its output is a complaint if it has any."""
    written = folder / "report.json"
    command = [
        *(str(SCHEMATHESIS), "--no-color", "--config-file", str(CONFIG), "run", "openapi.json", *choice),
        *("--mode", "all", "--checks", "all", "--report", "json", "--report-json-path", str(written)),
    ]
    environment = {**os.environ, "TOKEN": token}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        report.complaints.append(done.stdout + done.stderr)
    if written.exists():
        report.requests += json.loads(written.read_text())["test_cases"]["generated"]


def main() -> int:
    """0 if there is nothing to complain of."""
    requests = int(os.environ.get("REQUESTS", "20000"))
    seed = int(os.environ.get("SEED", secrets.randbelow(1_000_000)))
    report = fuzz(requests, seed, say=lambda text: print(text, flush=True))
    for complaint in report.complaints:
        print(complaint, file=sys.stderr)
    print(f"{report.requests:,} requests, {len(report.complaints)} complaints")
    return 1 if report.complaints else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
