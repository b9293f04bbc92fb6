"""A streamer and a player of RTMP, and what is seen of them. Neither outlives the server it is connected to."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Thread

from dev.stack.waiting import wait_until
from dev.watch.origin import FOLDER

STREAM = ("-re", "-stream_loop", "-1", "-i", "concat:init.mp4|segment.m4s", "-c", "copy", "-f", "flv")
# Not to wait for sound, which the stream has not; and a line for each frame as it comes.
AT_ONCE, FRAMES = ("-analyzeduration", "100000"), ("-c", "copy", "-f", "framecrc", "-flush_packets", "1", "-")


class Player:
    """What one connection played. Times are seconds of the epoch."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._shown: list[int] = []  # milliseconds of the stream
        self.first_frame: float | None = None
        self.last_frame: float | None = None
        self.ended: float | None = None  # when the connection was closed
        Thread(target=self._read, daemon=True).start()

    def plays(self, within: float = 10) -> bool:
        """Whether a frame comes in so many seconds, and before the connection is closed."""
        wait_until(lambda: bool(self.first_frame or self.ended), within)
        return self.first_frame is not None

    def ends(self, within: float) -> bool:
        """Whether the connection is closed in so many seconds."""
        return wait_until(lambda: self.ended is not None, within)

    def longest_gap(self) -> float:
        """The longest time between two of the stream's frames that came one after the other, in seconds."""
        return max(later - earlier for earlier, later in pairwise(self._shown)) / 1000

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if not line.startswith(b"#"):
                self.last_frame = time.time()
                self.first_frame = self.first_frame or self.last_frame
                self._shown.append(int(line.split(b",")[1]))
        self.ended = time.time()


@contextmanager
def player(ffmpeg: Path, address: str) -> Iterator[Player]:
    """One that has just connected."""
    with running(ffmpeg, *AT_ONCE, "-i", address, *FRAMES) as process:
        yield Player(process)


@contextmanager
def streamer(ffmpeg: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """One that sends the stream until it is cut off, which ends its process."""
    with running(ffmpeg, *STREAM, address) as process:
        yield process


@contextmanager
def running(ffmpeg: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """One ffmpeg until the exit. What it says is not kept: tickets stand in addresses."""
    command = (str(ffmpeg), "-nostdin", "-v", "quiet", *arguments)
    with subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()
