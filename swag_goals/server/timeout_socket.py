"""A client's connection that is not waited for without end, whatever the client does."""

import errno
import socket
import struct
import time
from typing import Any

from gunicorn.http.errors import ParseException


class RequestIncomplete(ParseException, ValueError):  # type: ignore[misc]
    """The rest of the request does not come. Werkzeug knows the second, gunicorn the first."""


class TimeoutSocket(socket.socket):
    """A connection whose client may neither stop in the middle nor send for ever."""

    _until = float("inf")

    @classmethod
    def instead_of(cls, connection: socket.socket, pause: float) -> "TimeoutSocket":
        """The same connection, with at most `pause` seconds for the client to send or read more."""
        seconds, fraction = divmod(pause, 1)
        timeout = struct.pack("ll", int(seconds), int(fraction * 1_000_000))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        return cls(fileno=connection.detach())

    def expect_all_within(self, seconds: float) -> None:
        """Receive nothing any more after so many seconds from now."""
        self._until = time.monotonic() + seconds

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Up to `size` bytes.

        :raises RequestIncomplete: none came in time.
        """
        try:
            received = super().recv(size, flags)
        except BlockingIOError:
            raise RequestIncomplete from None
        if time.monotonic() > self._until:
            raise RequestIncomplete
        return received

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send everything.

        :raises BrokenPipeError: the client does not read, which gunicorn takes for having left.
        """
        try:
            super().sendall(data, flags)
        except BlockingIOError:
            raise BrokenPipeError(errno.EPIPE, "the client does not read") from None
