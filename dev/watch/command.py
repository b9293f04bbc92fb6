"""One command of a build."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from dev.stack.keeper import kill_group


def run(log: Path, folder: Path, *command: str | Path, environment: Mapping[str, str] | None = None) -> bool:
    """Run it in the folder, with what it says at the end of the log; whether it did it.

    Where this is interrupted, nothing of it goes on.
    """
    with (
        log.open("ab") as output,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        try:
            return process.wait() == 0
        finally:
            kill_group(process.pid)
