"""`make demo`: one extension from the streamer's browser to the viewer's, shown step by step."""

import signal
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib import import_module
from typing import Any

from rich.console import Console
from rich.table import Table

from dev.stack import api, sample
from dev.stack.bundled import NotBundled
from dev.stack.listener import Event, Listener
from dev.stack.outcome import NOT_UP, sentence
from dev.stack.stack import Stack

NOTIFIED_WITHIN = 10.0  # seconds
console = Console(highlight=False)


class NotSeen(Exception):
    """Something that the demo is to show did not happen."""


def main() -> int:
    """Show it; 0 when all of it was seen."""
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, signal.default_int_handler)
    try:
        with Stack(say=lambda text: console.print(f"{text} ...", style="dim")) as stack:
            show(stack.settings)
            watch(stack.settings)
    except (NotSeen, OSError, *NOT_UP) as error:
        console.print("Not all of it was seen.", style="bold red")
        console.print(sentence(error), markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    console.print("All of it was seen, and nothing is left running.", style="bold green")
    return 0


def show(settings: Mapping[str, str]) -> None:
    """Go through the steps.

    :raises NotSeen: at the first one that does not go as it should.
    """
    ids = sample.insert(settings["MONGODB_URI"])
    with ThreadPoolExecutor() as pool:
        streamers = pool.submit(sample.mint, settings, ids.streamer, "PAID,HUMAN,CREATOR", 3600)
        viewers = pool.submit(sample.mint, settings, ids.viewer, "PAID,HUMAN", 3600)
    streamer_token, viewer_token = streamers.result(), viewers.result()
    step(1, f"A streamer has a one-to-one goal; its viewer bought {sample.BOUGHT} seconds and has used them up.")
    details("goal", ids.goal, "viewer", ids.viewer)
    with Listener(settings, [ids.channel], viewer_token) as listener:
        step(2, "The viewer's browser listens, with pusher-js, on a channel that the service let it join.")
        details("channel", ids.channel)
        before = seen(api.my_permission(settings["API_URL"], ids.session, viewer_token), 200)

        step(3, "The streamer's browser asks for more time.")
        called = time.time() * 1000
        answer = api.extend(settings["API_URL"], ids.goal, streamer_token)
        answered = time.time() * 1000
        extension = seen(answer, 202)
        details("call", f"PUT /goals/{ids.goal}/extend?lang=zh-hant")
        details(
            "answer",
            f"{answer.status}, extension {extension['id']} is {extension['status']}, after {answered - called:.0f} ms",
        )

        event = first_event(listener, extension["id"])
        step(4, f"The viewer's browser is notified, {event.at - called:.0f} ms after the call.")
        details("event", f"{event.name}: expires {event.data['exp']}, {event.data['duration']} seconds bought in all")

    after = seen(api.my_permission(settings["API_URL"], ids.session, viewer_token), 200)
    step(5, "The viewer's permission, before and after:")
    console.print(compared(before, after))
    console.print(f"{extension['duration']} seconds from the call on, since the bought ones had run out.")
    check(before, extension, event.data, after)


def watch(settings: Mapping[str, str]) -> None:
    """Have a browser watch a stream, where it and the proxy are here: they come with the tests.

    :raises NotSeen: when what it sees is not as it should be.
    """
    try:
        browser, proxy, show = map(import_module, ("dev.stack.browser", "dev.watch.proxy", "dev.watch.show"))
        proxy.executable()
    except (ImportError, NotBundled):
        console.print(
            "\n`make watch` shows in a browser what it is worth: a stream that ends, and goes on.", style="dim"
        )
        return
    step(6, "What it is worth: a viewer watches a live stream in a browser, and a proxy asks for each piece of it.")
    try:
        with browser.chromium() as chromium:
            show.show(settings, chromium, lambda text: console.print(f"   {text}", markup=False, soft_wrap=True))
    except show.NotSeen as error:
        raise NotSeen(str(error)) from None


def first_event(listener: Listener, extension: str) -> Event:
    """The event of this extension.

    :raises NotSeen: when none comes.
    """
    try:
        events = listener.wait_until(
            lambda events: any(e.data["extension_id"] == extension for e in events), NOTIFIED_WITHIN
        )
    except TimeoutError as error:
        raise NotSeen(f"The viewer was not notified of extension {extension}: {error}") from None
    return next(event for event in events if event.data["extension_id"] == extension)


def seen(answer: api.Answer, status: int) -> dict[str, Any]:
    """The answer's JSON.

    :raises NotSeen: when it has another status.
    """
    if answer.status != status:
        raise NotSeen(f"The service answered {answer.status} instead of {status}: {answer.body}")
    return answer.body


def check(
    before: Mapping[str, Any], extension: Mapping[str, Any], event: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Whether exactly the seconds of one extension were added, and the event said so.

    :raises NotSeen: when not.
    """
    seconds = extension["duration"]
    start = max(moment(before["exp"]), moment(extension["nbf"]))
    gained = (moment(after["exp"]) - start).total_seconds()
    if gained != seconds or after["duration"] != before["duration"] + seconds or after["nbf"] != before["nbf"]:
        raise NotSeen(f"The permission is not what {seconds} seconds more make of it.")
    if any(event[name] != after[name] for name in ("nbf", "duration", "exp")):
        raise NotSeen("The event does not say what the permission is.")


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> Table:
    """Both permissions side by side."""
    table = Table("", "before", "after")
    for name, words in (("nbf", "not before"), ("duration", "seconds bought"), ("exp", "expires")):
        table.add_row(words, str(before[name]), str(after[name]))
    return table


def moment(text: str) -> datetime:
    """A time of the API."""
    return datetime.fromisoformat(text)


def step(number: int, words: str) -> None:
    """Print what happens next."""
    console.print(f"\n[bold]{number}. {words}[/bold]", soft_wrap=True)


def details(*names_and_values: str) -> None:
    """Print details below a step, without wrapping so that they can be copied."""
    for name, value in zip(names_and_values[::2], names_and_values[1::2], strict=True):
        console.print(f"   {name:<8} {value}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
