"""A client's connection. Nothing here waits: a client that does not send or read has a deadline, and no thread."""

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gunicorn.http.errors import LimitRequestHeaders

from swag_goals.server.framing import Extent, extent
from swag_goals.server.refusals import Overloaded, RequestIncomplete, refusal
from swag_goals.time_limits import LINGER, MAX_PAUSE, MAX_QUEUED, MAX_REQUEST

if TYPE_CHECKING:
    from swag_goals.server.worker_class import Worker


class Connection(asyncio.Protocol):
    """It receives a request, has a thread answer it, sends the answer at the client's pace, and goes on or closes."""

    transport: asyncio.Transport

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        self._now = asyncio.get_running_loop().time
        self._received = bytearray()
        self._extent: Extent | None = None  # of the request that is coming, once its head is here
        self._begun: float | None = None
        self._call = Future[None]()
        self._unread = 0  # bytes of the answer
        self._closing = False
        #: The request that a thread answers; empty while none does.
        self.request = b""
        #: When it was accepted, or last answered, and when it is given up; by the loop's clock.
        self.since = self._now()
        self.deadline = self.since + worker.cfg.keepalive

    @property
    def is_waiting(self) -> bool:
        """Whether nothing is owed to the client; it may have sent a part of a request."""
        return not (self.request or self._unread or self._closing)

    def connection_made(self, transport: Any) -> None:
        """asyncio's: a client has come."""
        self.transport = transport
        transport.set_write_buffer_limits(0)
        self.client: Any = transport.get_extra_info("peername")
        self.server: Any = transport.get_extra_info("sockname")
        self._worker.admit(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """asyncio's: it is gone."""
        self._worker.connections.pop(self, None)

    def data_received(self, data: bytes) -> None:
        """asyncio's: the client sends."""
        if self._closing:
            return
        self._received += data
        if self.is_waiting:
            self._look()
        else:  # a next request, in its turn
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """asyncio's: the client sends no more; it may still read."""
        self._closing = True
        return bool(self.request or self._unread)

    def pause_writing(self) -> None:
        """asyncio's: the client does not read as fast as it is answered."""
        self._unread = self.transport.get_write_buffer_size()
        self.deadline = self._now() + MAX_PAUSE.total_seconds()
        self._worker.bound_unread()

    def resume_writing(self) -> None:
        """asyncio's: it has read all."""
        self._unread = 0
        self._go_on()

    def answered(self, answer: bytes, goes_on: bool) -> None:
        """Send the answer, or as much of it as the client takes."""
        self.request = b""
        self._closing = self._closing or not goes_on
        self.since = self._now()
        self.transport.write(answer)
        if not self._unread:
            self._go_on()

    def expire(self) -> None:
        """Do what is due after the deadline."""
        if self.request:
            self.deadline = float("inf")
            if self._call.cancel():
                self._refuse(Overloaded())
        elif self._unread > self.transport.get_write_buffer_size():
            self.pause_writing()
        elif self.is_waiting and self._extent:
            self._hand_over(self._extent)  # the app says whether it needs the body
        elif self.is_waiting and self._received:
            self._refuse(RequestIncomplete())
        else:
            self._worker.drop(self)

    def _look(self) -> None:
        """Have the request answered if all of it is here, else wait for the rest."""
        try:
            new = None if self._extent else extent(self._received)
        except LimitRequestHeaders as error:
            self._refuse(error)
            return
        self._extent = self._extent or new
        if self._extent and len(self._received) >= self._extent.size:
            self._hand_over(self._extent)
            return
        if new and new.expects_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._begun = self._begun or self._now()
        self.deadline = min(self._now() + MAX_PAUSE.total_seconds(), self._begun + MAX_REQUEST.total_seconds())

    def _hand_over(self, request: Extent) -> None:
        self.request = bytes(self._received[: request.size])
        del self._received[: request.size]
        self._extent = self._begun = None
        self.deadline = self._now() + MAX_QUEUED.total_seconds()
        self._call = self._worker.submit(self)

    def _refuse(self, error: Exception) -> None:
        self._received.clear()
        self.answered(refusal(error), goes_on=False)

    def _go_on(self) -> None:
        """The client has read all of its answer."""
        self.transport.resume_reading()
        if self._closing:
            # It may still send, and would not get to read the answer if that met a closed socket.
            with suppress(OSError):
                self.transport.write_eof()
            self.deadline = self._now() + LINGER.total_seconds()
        elif self._received:
            self._look()
        else:
            self.deadline = self._now() + self._worker.cfg.keepalive
