"""`make up`: the whole system until Ctrl-C, with its addresses in `.local/env` and its pids in `.local/pids`."""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from dev.stack import sample
from dev.stack.folder import LOCAL
from dev.stack.outcome import end
from dev.stack.stack import Stack
from dev.stack.supervisor import StartError

ENV, PIDS = LOCAL / "env", LOCAL / "pids"
SHOWN = ("API_URL", "MONGODB_URI", "REDIS_URL", "PUSHER_URL", "PUSHER_WS_URL")
PUBLISHED = (*SHOWN, "JWT_KEYS", "ADMISSION_SECRET")
MAX_TTL = 24 * 3600  # seconds that the service lets a token live


class Pids:
    """Keeps the pids file true, and prints which process ended or runs again, from `publish` on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pids: Mapping[str, int] = {}
        self._published = False

    def update(self, pids: Mapping[str, int]) -> None:
        """Take the pids as they are now."""
        with self._lock:
            before, self._pids = self._pids, pids
            if self._published:
                self._write()
                for name in before.keys() ^ pids.keys():
                    print(f"{name} {'runs again' if name in pids else 'has ended'}", flush=True)

    def publish(self) -> None:
        """Write the file, and from now on whenever a pid changes."""
        with self._lock:
            self._published = True
            self._write()

    def _write(self) -> None:
        write_private(PIDS, [f"{name} {pid}" for name, pid in self._pids.items()])


def main() -> int:
    """Run it; 0 when it was up until a signal ended it.

    :raises StartError: when it did not come up.
    """
    # The last one too: it is ignored by what a script starts in the background.
    for ending in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(ending, signal.default_int_handler)
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"It is already up in this checkout; {ENV} has its addresses.", file=sys.stderr)
            return 1
        remove_files()  # those of a run that was killed
        try:
            return run()
        finally:
            remove_files()


def run() -> int:
    """Start everything, publish where it is, and end it when a signal asks to.

    :raises StartError: when something did not come up.
    """
    pids = Pids()
    members = os.environ.get("MONGO_MEMBERS", "1")
    if members not in ("1", "3"):
        raise StartError("MONGO_MEMBERS is 1 or 3: how many members MongoDB's replica set has.")
    given = {"PORT": os.environ["PORT"]} if os.environ.get("PORT") else {}
    with Stack(
        int(members), settings=given, say=lambda text: print(f"{text} ...", flush=True), on_pids=pids.update
    ) as stack:
        tries = things_to_try(stack.settings)
        write_private(ENV, [f"{name}={stack.settings[name]}" for name in PUBLISHED])
        try:
            pids.publish()
            print(*(f"{name}={stack.settings[name]}" for name in SHOWN), sep="\n")
            print(f"\nThese, the key and the secret of admission are in {ENV}, for example:  .venv/bin/flask doctor")
            print(f"{tries}\n\nCtrl-C ends it.", flush=True)
            signal.pause()
        except KeyboardInterrupt:
            print()
    return 0


def things_to_try(settings: Mapping[str, str]) -> str:
    """The pages of a new goal, and a curl that extends it, as they can be pasted."""
    ids = sample.insert(settings["MONGODB_URI"])
    token = sample.mint(settings, ids.streamer, "CREATOR", MAX_TTL)
    console = f"{settings['API_URL']}/console"
    return (
        f"The live page, which takes the token of the call below:\n\n{console}\n\n"
        f"Its viewer's side, with a token of `.venv/bin/flask token mint --sub {ids.viewer}`:\n\n"
        f"{console}/viewer?session={ids.session}&streamer={ids.streamer}\n\n"
        "The call, for a viewer who has used up what was bought:\n\n"
        f"curl -i -X PUT '{settings['API_URL']}/goals/{ids.goal}/extend?lang=zh-hant' \\\n"
        f"  -H 'content-length: 0' -H 'origin: https://swag.live' \\\n"
        f"  -H 'authorization: Bearer {token}'"
    )


def write_private(path: Path, lines: list[str]) -> None:
    """Replace a file at once by these lines, for its owner's eyes alone."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(0o600)
    new.write_text("".join(f"{line}\n" for line in lines))
    new.replace(path)


def remove_files() -> None:
    """Take back what was published."""
    ENV.unlink(missing_ok=True)
    PIDS.unlink(missing_ok=True)


if __name__ == "__main__":
    end(main)
