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
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from dev.drill import bait
from dev.stack import api
from dev.stack.keeper import ROOT
from dev.stack.outcome import end
from dev.stack.stack import LIMITLESS, Stack
from dev.stack.waiting import wait_until

CONFIG = ROOT / "dev" / "drill" / "schemathesis.toml"
SCHEMATHESIS = ROOT / ".venv" / "bin" / "schemathesis"
A_ROUND = 100  # examples of each operation; some twelve hundred requests
SETTLED_WITHIN = 120.0  # seconds


@dataclass
class Report:
    """What came of it; `complaints` in words."""

    requests: int = 0
    complaints: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Round:
    """One run of Schemathesis, in a folder with the description, against the service at `url`."""

    folder: Path
    url: str
    token: str
    seed: int
    examples: int

    def run(self, report: Report) -> None:
        """Add what came of it to the report; the output is a complaint if it has any."""
        written = self.folder / "report.json"
        command = [
            *(str(SCHEMATHESIS), "--no-color", "--config-file", str(CONFIG), "run", "openapi.json", "--url", self.url),
            *("--mode", "all", "--checks", "all", "--max-examples", str(self.examples), "--seed", str(self.seed)),
            *("--report", "json", "--report-json-path", str(written)),
        ]
        environment = {**os.environ, "TOKEN": self.token}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            report.complaints.append(done.stdout + done.stderr)
        if written.exists():
            report.requests += json.loads(written.read_text())["test_cases"]["generated"]


def fuzz(requests: int, seed: int, examples: int = A_ROUND, say: Callable[[str], None] = lambda text: None) -> Report:
    """Send at least so many requests, in rounds, and look at the documents afterwards."""
    report = Report()
    with (
        Stack(settings=LIMITLESS, say=say) as stack,
        MongoClient[dict[str, Any]](stack.settings["MONGODB_URI"]) as client,
        tempfile.TemporaryDirectory() as folder,
    ):
        documents, url = client.get_default_database(), stack.settings["API_URL"]
        laid = bait.lay(stack.settings, documents)
        description = bait.lead_to(laid, api.ask(url, "GET", "/openapi.json", laid.token, {}).body)
        (Path(folder) / "openapi.json").write_text(json.dumps(description))
        while report.requests < requests and not report.complaints:
            Round(Path(folder), url, laid.token, seed, examples).run(report)
            say(f"{report.requests:,} requests, {len(report.complaints)} complaints (seed {seed})")
            seed += 1
        wait_until(lambda: not bait.unsettled(documents), SETTLED_WITHIN)
        report.complaints += bait.complaints(laid, documents)
        report.complaints += [line for line in stack.logs("web").splitlines() if '"crashed"' in line]
    return report


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
    end(main)
