"""`make model`: the search of tests/model with larger bounds than `make test` has, in some minutes and 3 GB."""

import sys
import time

from tests.model.rules import Rules
from tests.model.search import Bounds, Search, Violation

LARGER = (
    Bounds(attempts=3, trouble=2),
    Bounds(attempts=2, trouble=3),
    Bounds(attempts=2, trouble=2, kind="two"),
    Bounds(attempts=2, trouble=2, kind="void"),
)


def main() -> None:
    """Search, and print how many states there are."""
    for bounds in LARGER:
        began = time.monotonic()
        try:
            states = sum(1 for _ in Search(Rules(), bounds).run().states)
        except Violation as violation:
            sys.exit(str(violation))
        print(f"{bounds}: {states:,} states in {time.monotonic() - began:.0f} s, all promises kept", flush=True)


if __name__ == "__main__":
    main()
