"""`make watch`: a live stream behind a real proxy, a real player, and a viewer whose time ends and is extended."""

import signal
import sys

from rich.console import Console

from dev.stack.browser import chromium
from dev.stack.outcome import end
from dev.stack.stack import Stack
from dev.watch.nginx import nginx
from dev.watch.proxy import proxy
from dev.watch.show import NotSeen, show

console = Console(highlight=False)


def main() -> int:
    """Show it, with `--nginx` behind nginx instead of Caddy; 0 when all of it was seen."""
    door = nginx if sys.argv[1:] == ["--nginx"] else proxy
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Stack(say=lambda text: console.print(f"{text} ...", style="dim")) as stack, chromium() as browser:
        try:
            show(stack.settings, browser, lambda text: console.print(text, soft_wrap=True), door)
        except NotSeen as error:
            console.print(str(error), style="bold red", markup=False)
            return 1
    console.print("All of it was seen, and nothing is left running.", style="bold green")
    return 0


if __name__ == "__main__":
    end(main)
