"""The processes of the Procfile as programs for the supervisor."""

import os
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import redis
import rq
from rq.worker import WorkerStatus

from dev.stack.keeper import ROOT, Program
from dev.stack.servers import answers_ok, log_of
from dev.stack.supervisor import StartError, last_lines

PROCFILE = ROOT / "Procfile"
RELEASE_SECONDS = 120
# RQ registers a worker, as "started", before it listens for SIGTERM.
AT_WORK = (WorkerStatus.IDLE, WorkerStatus.BUSY, WorkerStatus.SUSPENDED)


def lines(path: Path = PROCFILE) -> dict[str, str]:
    """A Procfile as {name: command}."""
    return dict(re.findall(r"^([\w-]+):\s*(\S.*)$", path.read_text(), re.MULTILINE))


def release(line: str, environment: Mapping[str, str], folder: Path) -> None:
    """Run the `release` line, as a deploy does before it starts the processes.

    :raises StartError: when it fails, or takes longer than two minutes.
    """
    log = log_of("release", folder)
    with log.open("wb") as output:
        try:
            status = subprocess.call(
                shell(line), cwd=ROOT, env=environment, stdout=output, stderr=output, timeout=RELEASE_SECONDS
            )
        except subprocess.TimeoutExpired:
            status = None
    if status != 0:
        how = f"did not end within {RELEASE_SECONDS} s" if status is None else f"ended with status {status}"
        raise StartError(f"release {how}. Its last lines:\n{last_lines(log)}")


def web(line: str, name: str, environment: Mapping[str, str], port: int, folder: Path) -> Program:
    """A web process on this port of this machine alone; ready when `/readyz` says so."""
    environment = {
        **environment,
        "PORT": str(port),
        # By itself gunicorn serves PORT on every network that the machine is in.
        "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{port}",
    }
    return Program(name, shell(line), environment, log_of(name, folder), ready=lambda _: answers_ok(port, "/readyz"))


def other(line: str, kind: str, name: str, environment: Mapping[str, str], folder: Path) -> Program:
    """A process without a port; a `worker` is ready when RQ knows it."""
    redis_url = environment["REDIS_URL"]
    ready = (lambda pid: takes_jobs(redis_url, pid)) if kind == "worker" else None
    return Program(name, shell(line), environment, log_of(name, folder), ready)


def takes_jobs(redis_url: str, pid: int) -> bool:
    """Whether RQ's register has a worker with this process id, which handles signals by now; not while it is down."""
    with redis.Redis.from_url(redis_url) as connection, suppress(redis.exceptions.ConnectionError):
        return any(worker.pid == pid and worker.get_state() in AT_WORK for worker in rq.Worker.all(connection))
    return False


def shell(line: str) -> tuple[str, ...]:
    """A line of the Procfile as a command whose process becomes the line's program."""
    return ("sh", "-c", f"exec {line}")


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process' environment with these settings on top and the checkout's programs first."""
    path = os.pathsep.join((str(ROOT / ".venv" / "bin"), os.environ.get("PATH", os.defpath)))
    # A proxy that the machine needs for the outside has no way to the servers in here.
    direct = ",".join(filter(None, (os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), "127.0.0.1")))
    return {**os.environ, **settings, "PATH": path, "no_proxy": direct}
