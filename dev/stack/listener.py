"""Listens to channels with the real pusher-js, as viewers' browsers do."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dev.stack.bundled import node
from dev.stack.keeper import ROOT

SCRIPT = ROOT / "dev/stack/node/listener.js"


class ListenError(Exception):
    """A channel was not subscribed to."""


@dataclass(frozen=True)
class Event:
    """What came on a channel, and when: milliseconds of the epoch."""

    channel: str
    name: str
    data: Any
    at: float


class Listener:
    """Context manager: subscribed to the channels on entry; `events` grows as they come.

    After a lost connection it subscribes again by itself, as pusher-js does.

    :param settings: those of a Stack.
    :param token: of the user who listens, for the service's `POST /pusher/auth`; without it the
        listener signs for itself with the app's secret.
    """

    def __init__(self, settings: Mapping[str, str], channels: Sequence[str], token: str | None = None) -> None:
        app = urlsplit(settings["PUSHER_URL"])
        self._options = {"url": settings["PUSHER_WS_URL"], "key": app.username}
        if token:
            self._options |= {"endpoint": f"{settings['API_URL']}/pusher/auth", "token": token}
        else:
            self._options["secret"] = app.password
        self._channels = channels
        self._came = threading.Condition()
        self._refused: list[str] = []
        self._open = True
        #: All events so far, in the order of their coming.
        self.events: list[Event] = []
        #: Each channel as often as it was subscribed to, reconnections included.
        self.subscribed: list[str] = []

    def __enter__(self) -> "Listener":
        self._process = subprocess.Popen(
            [node(), str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for its caller alone, who ends it by closing its input
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._send({"options": self._options})
            self.subscribe(self._channels)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def subscribe(self, channels: Sequence[str], timeout: float = 30.0) -> None:
        """Subscribe to more channels.

        :raises ListenError: when one is refused, or not all are subscribed to within `timeout` seconds.
        """
        wanted = set(channels)
        self._send({"subscribe": list(wanted)})
        done = self._wait(lambda: bool(self._refused) or wanted <= set(self.subscribed), timeout)
        if self._refused or not done:
            raise ListenError(", ".join(self._refused) or f"not subscribed after {timeout:g} s")

    def wait_until(self, seen: Callable[[Sequence[Event]], bool], timeout: float) -> list[Event]:
        """Wait until what has come so far is enough; all of it.

        :raises TimeoutError: after `timeout` seconds.
        """
        if not self._wait(lambda: seen(self.events), timeout):
            raise TimeoutError(f"{len(self.events)} events after {timeout:g} s, and still not enough")
        return list(self.events)

    def _wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        with self._came:
            while not condition():
                if not self._open or not self._came.wait(deadline - time.monotonic()):
                    return condition()
        return True

    def _send(self, request: Mapping[str, object]) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._came:
                self._take(json.loads(line))
                self._came.notify_all()
        with self._came:
            self._open = False
            self._came.notify_all()

    def _take(self, line: dict[str, Any]) -> None:
        match line["kind"]:
            case "event":
                self.events.append(Event(line["channel"], line["event"], line["data"], line["at"]))
            case "subscribed":
                self.subscribed.append(line["channel"])
            case "refused":
                self._refused.append(f"{line['channel']}: {line['error']}")

    def _close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
