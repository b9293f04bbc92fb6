"""A private folder for one run, gone after it."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from dev.stack.keeper import ROOT
from dev.stack.supervisor import StartError

LOCAL = ROOT / ".local"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder inside `.local` that nobody else can read, with a folder `logs` in it.

    It is removed on exit; after a StartError its logs stay, and the error says where. What a run
    left that was killed is removed on the next entry.
    """
    folder, lock = make_folder()
    with lock:
        try:
            yield folder
        except StartError as error:
            keep_logs(folder)
            error.add_note(f"Its logs are kept in {folder / 'logs'}")
            raise
        finally:
            if (folder / "lock").exists():
                shutil.rmtree(folder, ignore_errors=True)


def make_folder() -> tuple[Path, IO[str]]:
    """The new folder, and a lock on it that says it is in use for as long as this process lives."""
    LOCAL.mkdir(exist_ok=True)
    # One at a time, so that nobody takes a folder that is not locked yet for one that was left.
    with (LOCAL / "folders.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for lock in LOCAL.glob("run-*/lock"):
            remove_if_left(lock)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=LOCAL))
        (folder / "logs").mkdir()
        held = (folder / "lock").open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
    return folder, held


def remove_if_left(lock: Path) -> None:
    """Remove the folder of this lock if the run that made it is gone."""
    with suppress(BlockingIOError, FileNotFoundError), lock.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(lock.parent, ignore_errors=True)


def keep_logs(folder: Path) -> None:
    """Remove everything in the folder but its logs, and with the lock the sign that it may go."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != "logs":
            shutil.rmtree(path, ignore_errors=True)
    (folder / "lock").unlink()
