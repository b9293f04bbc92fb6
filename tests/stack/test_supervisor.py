"""The supervisor keeps processes running and leaves none behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from dev.stack import keeper
from dev.stack.keeper import Program
from dev.stack.supervisor import GRACE, StartError, Supervisor
from tests.eventually import eventually
from tests.stack.processes import alive

Notified = list[Mapping[str, int]]
Make = Callable[..., Program]

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
WITH_CHILD = "sleep 1000 & echo $! > child; wait"


@pytest.fixture
def notified() -> Notified:
    """All that the supervisor has said of pids."""
    return []


@pytest.fixture
def supervisor(notified: Notified) -> Iterator[Supervisor]:
    with Supervisor(notified.append) as supervisor:
        yield supervisor


@pytest.fixture
def program(tmp_path: Path) -> Make:
    """A program of a line of shell that runs in the test's own folder, ready at once."""

    def make(name: str, line: str, ready: Callable[[int], bool] | None = lambda _: True) -> Program:
        command = ("sh", "-c", f"cd {tmp_path}; {line}")
        return Program(name, command, ENVIRONMENT, tmp_path / f"{name}.log", ready)

    return make


def child(tmp_path: Path) -> int:
    """The process that WITH_CHILD started."""
    file = tmp_path / "child"
    return int(eventually(lambda: file.exists() and file.read_text().strip()))


def running(supervisor: Supervisor, name: str, instead_of: int = 0) -> int:
    """The process of that name, once it is another one than that."""
    return eventually(lambda: (pid := supervisor.pid(name) or 0) != instead_of and pid)


def test_what_dies_is_started_again_and_reported(supervisor: Supervisor, program: Make, notified: Notified) -> None:
    supervisor.run(program("nap", "exec sleep 1000"))
    first = running(supervisor, "nap")
    supervisor.signal("nap", signal.SIGKILL)
    second = running(supervisor, "nap", first)
    eventually(lambda: notified == [{"nap": first}, {}, {"nap": second}])


def test_children_of_the_dead_are_gone_before_the_restart(
    supervisor: Supervisor, program: Make, tmp_path: Path
) -> None:
    supervisor.run(program("parent", WITH_CHILD))
    first, orphan = running(supervisor, "parent"), child(tmp_path)
    supervisor.signal("parent", signal.SIGKILL)
    running(supervisor, "parent", first)
    assert not alive(orphan)


def test_restarts_wait_longer_and_longer(
    supervisor: Supervisor, program: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "FIRST_DELAY", 0.05)
    (starts := tmp_path / "starts").touch()
    # The first one lives until it was seen: a program that ends earlier did not start.
    supervisor.run(program("mortal", "date +%s.%N >> starts; until [ -e seen ]; do sleep 0.01; done"))
    (tmp_path / "seen").touch()
    eventually(lambda: len(starts.read_text().split()) >= 5)
    gaps = [b - a for a, b in pairwise(map(float, starts.read_text().split()))]
    assert all(gap >= delay for gap, delay in zip(gaps, (0.05, 0.1, 0.2, 0.4), strict=False))


def test_a_program_without_a_check_must_live_for_a_second(supervisor: Supervisor, program: Make) -> None:
    with pytest.raises(StartError, match=r"brief ended with status 3 while it started. Its last lines:\nno port"):
        supervisor.run(program("brief", "echo no port; exit 3", ready=None))


def test_a_program_that_is_not_ready_in_time_is_an_error(supervisor: Supervisor, program: Make) -> None:
    with pytest.raises(StartError, match=r"slow was not ready after 0.3 s"):
        supervisor.run(program("slow", "exec sleep 1000", ready=lambda _: False), timeout=0.3)


def test_a_stopped_program_stays_stopped_until_it_is_started(
    supervisor: Supervisor, program: Make, notified: Notified
) -> None:
    supervisor.run(program("nap", "exec sleep 1000"))
    supervisor.stop("nap")
    assert supervisor.pid("nap") is None
    with pytest.raises(ProcessLookupError):
        supervisor.signal("nap", signal.SIGTERM)
    supervisor.start("nap")
    supervisor.signal("nap", signal.SIGKILL)
    assert running(supervisor, "nap") != notified[0]["nap"]


def test_a_frozen_program_is_not_restarted_and_can_be_stopped(
    supervisor: Supervisor, program: Make, notified: Notified
) -> None:
    supervisor.run(program("nap", "exec sleep 1000"))
    supervisor.signal("nap", signal.SIGSTOP)
    began = time.monotonic()
    supervisor.stop("nap")
    assert time.monotonic() - began < GRACE
    assert notified[1:] == [{}]


def test_who_does_not_end_in_time_is_killed_with_its_children(
    supervisor: Supervisor, program: Make, tmp_path: Path
) -> None:
    supervisor.run(program("stubborn", f"trap '' TERM; {WITH_CHILD}; {WITH_CHILD}"))
    pid, kin = running(supervisor, "stubborn"), child(tmp_path)
    supervisor.stop("stubborn", grace=0.2)
    assert not alive(pid)
    assert not alive(kin)


def test_programs_end_side_by_side(supervisor: Supervisor, program: Make) -> None:
    slow = "trap 'sleep 2; exit' TERM; echo up; while :; do sleep 0.05; done"
    programs = [program(f"slow-{n}", slow) for n in range(4)]
    supervisor.run(*programs)
    for one in programs:
        eventually(one.log.read_text)
    began = time.monotonic()
    supervisor.close()
    assert time.monotonic() - began < 6


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_a_process_that_supervises(tmp_path: Path, ending: signal.Signals) -> None:
    script = f"""
import signal
from pathlib import Path
from dev.stack.supervisor import Supervisor
from dev.stack.keeper import Program
# Ignored by all that a shell runs in the background, as it may these tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
with Supervisor() as supervisor:
    command = ("sh", "-c", "cd {tmp_path}; {WITH_CHILD}")
    supervisor.run(Program("parent", command, {ENVIRONMENT}, Path("{tmp_path}/log")))
    print(supervisor.pid("parent"), flush=True)
    signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        pids = [int(process.stdout.readline()), child(tmp_path)]
        assert all(map(alive, pids))
        process.send_signal(ending)
    eventually(lambda: not any(map(alive, pids)))
