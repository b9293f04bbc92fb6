"""`make watch`: a live stream behind a real proxy, a real player, and a viewer whose time ends and is extended."""

import signal
import sys

from rich.console import Console

from dev.stack.browser import chromium
from dev.stack.outcome import end
from dev.stack.stack import Stack
from dev.watch import build, ffmpeg, show_rtmp
from dev.watch.nginx import nginx
from dev.watch.proxy import proxy
from dev.watch.show import NotSeen, show

console = Console(highlight=False)


def main() -> int:
    """Show it; with `--nginx` behind nginx instead of Caddy, and then by nginx-rtmp. 0 when all of it was seen."""
    with_nginx = sys.argv[1:] == ["--nginx"]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Stack(say=next_is) as stack:
        try:
            with chromium() as browser:
                show(stack.settings, browser, say, nginx if with_nginx else proxy)
            if with_nginx:
                show_rtmp.show(stack.settings, build.executable(next_is), ffmpeg.executable(next_is), say)
        except NotSeen as error:
            console.print(str(error), style="bold red", markup=False)
            return 1
    console.print("All of it was seen, and nothing is left running.", style="bold green")
    return 0


def say(text: str) -> None:
    """What was seen."""
    console.print(text, soft_wrap=True)


def next_is(text: str) -> None:
    """What is done next."""
    console.print(f"{text} ...", style="dim")


if __name__ == "__main__":
    end(main)
