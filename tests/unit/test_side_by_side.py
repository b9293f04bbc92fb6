"""Parts of a drill side by side: each in a process of its own, and one that breaks off takes no other with it."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from dev.drill.beside import BrokeOff, Part, side_by_side
from dev.stack.waiting import wait_until

Say = Callable[[str], None]


def tell(number: int, say: Say) -> tuple[int, int]:
    """Say the number, and return it with the process it was in."""
    say(f"it is {number}")
    return number, os.getpid()


def fail(say: Say) -> None:
    raise ValueError("no such thing")


def die(say: Say) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stay(told: Path, say: Say) -> None:
    """Tell its process, and go on for a minute."""
    told.with_suffix(".new").write_text(str(os.getpid()))
    told.with_suffix(".new").rename(told)
    time.sleep(60)


def run(*parts: Part, at_once: int = 2, say: Say = lambda text: None) -> dict[str, Any]:
    return {part.title: result for part, result in side_by_side(parts, at_once, say)}


def test_each_returns_its_result_from_a_process_of_its_own() -> None:
    results = run(Part("first", partial(tell, 1)), Part("second", partial(tell, 2)))

    assert {title: number for title, (number, _) in results.items()} == {"first": 1, "second": 2}
    assert len({os.getpid(), *(process for _, process in results.values())}) == 3


def test_what_it_says_begins_with_its_title() -> None:
    said: list[str] = []

    run(Part("first", partial(tell, 1)), say=said.append)

    assert said == ["first: it is 1"]


@pytest.mark.parametrize(("part", "why"), [(fail, "no such thing"), (die, "died")])
def test_one_that_breaks_off_says_why_and_the_others_go_on(part: Callable[[Say], None], why: str) -> None:
    results = run(Part("first", part), Part("second", partial(tell, 2)), at_once=1)

    assert isinstance(results["first"], BrokeOff)
    assert why in str(results["first"])
    assert results["second"][0] == 2


def test_they_end_when_nobody_waits_for_them_any_more(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    running = side_by_side([Part("short", partial(tell, 1)), Part("long", partial(stay, told))], 2, lambda text: None)
    next(running)
    assert wait_until(told.exists, 30)

    running.close()

    assert not psutil.pid_exists(int(told.read_text()))
