"""How the commands of this folder end where the system does not come up, or Ctrl-C was pressed."""

import sys
from collections.abc import Callable
from typing import NoReturn

from dev.stack.bundled import NotBundled
from dev.stack.listener import ListenError
from dev.stack.supervisor import StartError

# Each says in its message what to do.
NOT_UP = (StartError, NotBundled, ListenError)


def sentence(error: Exception) -> str:
    """What it says, with where the logs are kept."""
    return "\n".join((str(error), *getattr(error, "__notes__", ())))


def end(main: Callable[[], int]) -> NoReturn:
    """End with what `main` returns; with 1 and a sentence where the system did not come up, with 130 at Ctrl-C."""
    try:
        sys.exit(main())
    except NOT_UP as error:
        print(sentence(error), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
