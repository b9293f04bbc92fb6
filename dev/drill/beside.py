"""Parts of the drill side by side, each in a process of its own, so that none of them waits for another."""

import multiprocessing
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

Say = Callable[[str], None]
PROCESSES = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Part:
    """Something to be drilled by itself; what `run` returns can be pickled, and so can it."""

    title: str
    run: Callable[[Say], Any]


class BrokeOff(Exception):
    """A part came to no result; the message says why."""


def side_by_side(parts: Sequence[Part], at_once: int, say: Say) -> Generator[tuple[Part, Any], None, None]:
    """Each part with what it returns, or with a BrokeOff, as they are over."""
    children = _Children(say)
    with ThreadPoolExecutor(at_once) as pool:
        running = {pool.submit(children.run, part): part for part in parts}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        finally:
            children.end()


class _Children:
    """The processes, which end with this one however it ends."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._running: list[Any] = []
        self._over = False

    def run(self, part: Part) -> Any:
        """What the part returns, or a BrokeOff, from a process of its own."""
        ours, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=_run, args=(theirs, part), daemon=True)
        with self._lock:
            if self._over:
                return BrokeOff("it was not begun")
            process.start()
            self._running.append(process)
        theirs.close()
        try:
            while isinstance(said := ours.recv(), str):
                self._say(f"{part.title}: {said}")
            return said
        except EOFError:
            return BrokeOff("its process died")
        finally:
            process.join()

    def end(self) -> None:
        """End those that still run; each one's servers end with it."""
        with self._lock:
            self._over = True
            for process in self._running:
                process.terminate()


def _run(to: Connection, part: Part) -> None:
    # At SIGTERM it dies at once; its servers die with it, and browsers and accidents need not be waited for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sending = threading.Lock()

    def say(text: str) -> None:
        with sending:
            to.send(text)

    try:
        result = part.run(say)
    except Exception:  # noqa: BLE001 - whatever it is, the others go on
        result = BrokeOff(traceback.format_exc())
    with sending:
        to.send(result)
