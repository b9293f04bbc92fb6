"""`python -m dev.stack.listen CHANNEL TOKEN`: print what comes on a viewer's channel of `make up`, until Ctrl-C."""

import json
import threading
from collections.abc import Sequence
from functools import partial

import click
from dotenv import dotenv_values

from dev.stack.listener import Event, Listener, ListenError
from dev.stack.up import ENV


@click.command()
@click.argument("channel")
@click.argument("token")
def main(channel: str, token: str) -> None:
    """Print each event on CHANNEL, which the service lets the user of TOKEN join, until Ctrl-C."""
    settings = {name: value for name, value in dotenv_values(ENV, interpolate=False).items() if value}
    if not settings:
        raise click.ClickException("Nothing is up in this checkout. Run: make up")
    try:
        with Listener(settings, [channel], token) as listener:
            click.echo(f"Listening on {channel}")
            printed = 0
            while True:
                events = listener.wait_until(partial(_more_than, printed), threading.TIMEOUT_MAX)
                for event in events[printed:]:
                    click.echo(f"{event.name} {json.dumps(event.data, indent=2)}")
                printed = len(events)
    except ListenError as error:
        raise click.ClickException(f"Not subscribed: {error}") from None
    except KeyboardInterrupt:
        return


def _more_than(number: int, events: Sequence[Event]) -> bool:
    return len(events) > number


if __name__ == "__main__":
    main()
