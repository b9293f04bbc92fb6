"""What every benchmark stands on: servers, processes, streams in MongoDB, and a listener to their channels."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import mongoengine
from bson import ObjectId
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.database import Database

from dev.bench import checks, streams
from dev.bench.processes import cpu_seconds
from dev.bench.streams import Stream
from dev.stack import procfile
from dev.stack.listener import Event, Listener
from dev.stack.stack import Stack
from swag_goals.connections import connect_mongodb
from swag_goals.documents.extension import Extension

# Of the limits nothing is left but their round trip; one process whatever the machine says.
UNHINDERED = {
    "RATE_LIMIT_GOAL": "1000000/minute",
    "RATE_LIMIT_STREAMER": "1000000/minute",
    "RATE_LIMIT_REQUESTS": "1000000/minute",
    "WEB_CONCURRENCY": "1",
}
MANY = 256  # streams: none comes twice in what one worker does at a time


class Rig:
    """Context manager: on entry all of it is up, on exit nothing is left.

    :param processes: as a Stack takes them.
    :param lines: commands on top of the Procfile's.
    :param extended: the streams, if not MANY of one viewer.
    """

    def __init__(
        self,
        processes: Mapping[str, int],
        *,
        lines: Mapping[str, str] | None = None,
        extended: Sequence[Stream] | None = None,
    ) -> None:
        self.streams = extended or streams.streams(MANY)
        self.stack = Stack(processes=processes, lines={**procfile.lines(), **(lines or {})}, settings=UNHINDERED)
        self._exit = ExitStack()

    def __enter__(self) -> "Rig":
        with ExitStack() as exit_stack:
            exit_stack.enter_context(self.stack)
            settings = self.stack.settings
            exit_stack.enter_context(_environment(settings))
            self.database = exit_stack.enter_context(_database(settings["MONGODB_URI"]))
            connect_mongodb(settings["MONGODB_URI"])
            exit_stack.callback(mongoengine.disconnect_all)
            channels = [channel for stream in self.streams for channel in stream.channels]
            self.listener = exit_stack.enter_context(Listener(settings, channels))
            self.reset()
            self._exit = exit_stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._exit.__exit__(*error)

    def reset(self) -> None:
        """These streams as if nothing had ever been extended."""
        streams.write(self.database, self.streams)
        self._received = len(self.listener.events)

    def record(
        self, count: int, extended: Sequence[Stream] | None = None, age: timedelta = timedelta()
    ) -> list[Extension]:
        """So many extensions, in turn over the streams or these, as the web would have recorded them so long ago."""
        return streams.record(self.database, extended or self.streams, count, age)

    def received(self) -> Sequence[Event]:
        """The events since `reset`."""
        return self.listener.events[self._received :]

    def check(self, ids: Sequence[ObjectId]) -> None:
        """These extensions, and since `reset` no others, were applied once and their viewers notified.

        :raises dev.bench.checks.Wrong: when not.
        """
        checks.check(self.database, ids, self.listener, self._received)

    def pid(self, name: str) -> int:
        """The process of that name, which must be running."""
        pid = self.stack.pid(name)
        assert pid
        return pid

    def cpu(self, *names: str) -> float:
        """Seconds of CPU time that these processes have used so far."""
        return sum(cpu_seconds(self.pid(name)) for name in names)


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """The queues of the peers find the servers there."""
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _database(uri: str) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](uri, w="majority", readConcernLevel="majority") as client:
        yield client.get_default_database(codec_options=CodecOptions(tz_aware=True))
