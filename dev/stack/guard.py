"""Kill what a supervisor started once the supervisor is gone, whatever ended it.

Runs as a process of its own. On standard input comes `PID` on a line for a new process group and
`-PID` for one that is empty; its end means that nobody is left to look after the rest.
"""

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Read until the end, then kill every group that is not known to be empty."""
    groups: set[int] = set()
    for line in sys.stdin:
        number = int(line)
        if number > 0:
            groups.add(number)
        else:
            groups.discard(-number)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
