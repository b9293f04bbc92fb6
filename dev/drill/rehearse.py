"""`make rehearse`: deploys under Heroku's rules, on the servers of this machine.

The Procfile's own lines run with PORT given and with Redis behind TLS, whose certificate nobody
vouches for. A dyno's end is SIGTERM to all of its processes, and SIGKILL 30 s later. All the while
a streamer presses, and in the end every press that was answered must have given its seconds once.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bson import ObjectId
from pymongo import MongoClient

from dev.drill.dynos import KILL_AFTER, Dynos
from dev.drill.presses import Presses
from dev.stack import procfile, sample
from dev.stack.folder import private_folder
from dev.stack.keeper import ROOT
from dev.stack.outcome import end
from dev.stack.ports import Ports
from dev.stack.stack import LIMITLESS, Stack
from dev.stack.supervisor import Supervisor
from dev.stack.tls import TlsProxy
from dev.stack.waiting import wait_until

DEPLOYED = ("Procfile", "gunicorn.conf.py", "migrations", "swag_goals", "wsgi.py")
ENDS_WITHIN = 10.0  # seconds: what the program promises of SIGTERM
SETTLED_WITHIN = 60.0
RELEASE_WITHIN = 60.0


@dataclass(frozen=True)
class Check:
    """One thing that was to happen, whether it did, and its figure."""

    name: str
    passed: bool
    figure: str


def main() -> int:
    """Rehearse, a line for each check; 0 when everything went as it should."""
    failed = 0
    for check in rehearse():
        failed += not check.passed
        result = "passed" if check.passed else "FAILED"
        print(f"{result}  {check.name:<40}  {check.figure}", flush=True)
    print(f"{failed} failed." if failed else "All of it passed, and nothing is left running.")
    return 1 if failed else 0


def rehearse() -> Iterator[Check]:
    """Go through it, step by step.

    :raises StartError: a process did not come up at all.
    """
    with ExitStack() as stack:
        servers = stack.enter_context(Stack(processes={}))
        plain = servers.settings["REDIS_URL"]
        url = urlsplit(plain)
        proxy = stack.enter_context(TlsProxy(url.port or 6379))
        behind = f"rediss://{url.netloc.rpartition('@')[0] or ':'}@127.0.0.1:{proxy.port}{url.path}"
        settings = servers.settings | {"REDIS_URL": behind} | LIMITLESS
        environment = procfile.environment(settings)
        folder = stack.enter_context(private_folder())
        yield release("The first release", environment, ROOT, fails=False)
        supervisor = stack.enter_context(Supervisor())
        port = stack.enter_context(Ports()).take()
        dynos = Dynos(supervisor, environment, port, plain, folder)
        yield Check("All dynos boot", True, f"{dynos.boot():.1f} s")
        ids = sample.insert(settings["MONGODB_URI"])
        token = sample.mint(settings, ids.streamer, "CREATOR", 3600)
        with Presses(f"http://127.0.0.1:{port}", ids.goal, token) as presses:
            yield from deploys(dynos, environment, folder)
        yield from audit(settings["MONGODB_URI"], ids, presses)
        yield doctor(environment)
        yield Check("No process crashed", *crashes(dynos))


def deploys(dynos: Dynos, environment: Mapping[str, str], folder: Path) -> Iterator[Check]:
    """Under load: a release that fails, one that does not, dynos one after another, all at once, a frozen one."""
    before = dynos.pids()
    yield release("A release that fails", environment, broken_version(folder), fails=True)
    yield Check("It leaves the old version running", dynos.pids() == before, f"{len(before)} dynos as before")
    yield release("The next release", environment, ROOT, fails=False)
    for name in dynos.names:
        yield ended(f"SIGTERM to {name}", dynos.restart(name))
    yield ended("SIGTERM to all at once", dynos.restart(*dynos.names))
    seconds = dynos.restart("worker", frozen=True)
    yield Check("SIGKILL to a worker that ignores SIGTERM", seconds >= KILL_AFTER, f"after {seconds:.0f} s")


def ended(name: str, seconds: float) -> Check:
    """Whether the program kept its promise of an early end."""
    return Check(name, seconds <= ENDS_WITHIN, f"ended after {seconds:.1f} s")


def release(name: str, environment: Mapping[str, str], version: Path, *, fails: bool) -> Check:
    """Run a version's release line, as a deploy does before it touches a dyno."""
    command = procfile.shell(procfile.lines()["release"])
    done = subprocess.run(
        command, cwd=version, env=environment, capture_output=True, text=True, timeout=RELEASE_WITHIN, check=False
    )
    last = (done.stdout + done.stderr).strip().splitlines()[-1]
    return Check(name, bool(done.returncode) == fails, f"status {done.returncode}: {last}")


def broken_version(folder: Path) -> Path:
    """A copy of what is deployed, with one more migration, which fails."""
    version = folder / "next"
    version.mkdir()
    for name in DEPLOYED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, version / name)
    failing = 'def up(database, report):\n    raise RuntimeError("this migration fails")\n'
    (version / "migrations" / "2999_01_01_fails.py").write_text(failing)
    return version


def audit(mongodb_uri: str, ids: sample.Sample, presses: Presses) -> Iterator[Check]:
    """Whether every press that was answered gave its seconds once, and its viewer was notified."""
    answered = set(presses.answered)
    figure = f"{len(answered)} extensions, {presses.repeated} calls repeated, {presses.unanswered} never answered"
    yield Check("Every press is answered", bool(answered) and not presses.unanswered, figure)
    with MongoClient[dict[str, Any]](mongodb_uri, readConcernLevel="majority") as client:
        database = client.get_default_database()
        all_notified = wait_until(lambda: answered <= notified(database), SETTLED_WITHIN)
        yield Check("Every viewer is notified", all_notified, f"{len(answered - notified(database))} not notified")
        session = database["session"].find_one({"_id": ObjectId(ids.session)}) or {}
    given = session["viewers"][ids.viewer]["duration"] - sample.BOUGHT
    yield Check("Each extension is given once", given == 60 * len(answered), f"{given} s for {len(answered)}")


def notified(database: Any) -> set[str]:
    """The extensions whose viewers are notified."""
    return {str(each["_id"]) for each in database["extension"].find({"status": "done", "notified_at": {"$ne": None}})}


def doctor(environment: Mapping[str, str]) -> Check:
    """Ask the program itself, in a one-off dyno."""
    command = ["flask", "doctor"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    wrong = [line for line in done.stdout.splitlines() if line.startswith("wrong")]
    return Check("flask doctor finds nothing wrong", done.returncode == 0, "; ".join(wrong) or "all is well")


def crashes(dynos: Dynos) -> tuple[bool, str]:
    """Whether no log has a traceback, and which have."""
    crashed = [name for name, log in dynos.logs.items() if "Traceback" in log.read_text(errors="replace")]
    return not crashed, ", ".join(crashed) or "no traceback in any log"


if __name__ == "__main__":
    end(main)
