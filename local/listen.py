"""`python -m local.listen CHANNEL TOKEN`: print what the viewer of a channel is told by `make up`, until Ctrl-C."""

import json
import sys
import threading
from collections.abc import Sequence
from functools import partial

from dotenv import dotenv_values

from local.listener import Event, Listener, ListenError
from local.up import ENV


def main(channel: str, token: str) -> int:
    """Print each event on a line; 0 when it was asked to end."""
    settings = {name: value for name, value in dotenv_values(ENV, interpolate=False).items() if value}
    try:
        with Listener(settings, [channel], token) as listener:
            print(f"Listening on {channel}", flush=True)
            printed = 0
            while True:
                events = listener.wait_until(partial(_more_than, printed), threading.TIMEOUT_MAX)
                for event in events[printed:]:
                    print(event.name, json.dumps(event.data, indent=2), flush=True)
                printed = len(events)
    except ListenError as error:
        print(f"Not subscribed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _more_than(number: int, events: Sequence[Event]) -> bool:
    return len(events) > number


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
