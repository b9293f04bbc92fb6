"""Stands before a server of this machine: leads to another one, or lets it be far away or silent."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self, TypeVar

T = TypeVar("T")

TURN = 0.01  # seconds


class Forwarder:
    """Context manager: connections to `port` of this machine go on to the server on `to` of it.

    Each stays with the server that it was made to, as behind an address whose name is moved.
    """

    #: With it, connections come by TLS.
    tls: ssl.SSLContext | None = None

    def __init__(self, to: int) -> None:
        #: Where new connections go.
        self.to = to
        #: Seconds that a round trip takes longer.
        self.delay = 0.0
        #: Whether nothing goes on to the server; what comes meanwhile is lost.
        self.frozen = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="forwarder", daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._connect, "127.0.0.1", 0, ssl=self.tls))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _hold(self, peer: int, chunk: bytes) -> None:
        """Return when this of the connection from that port may go on; for subclasses."""

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            peer = writer.get_extra_info("peername")[1]
            with suppress(OSError):
                server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.to)
                there = self._carry(reader, server_writer, self._send_late, peer)
                try:
                    await asyncio.gather(there, self._carry(server_reader, writer, asyncio.StreamWriter.write, peer))
                finally:
                    server_writer.transport.abort()  # also where both were cancelled before they began
        finally:
            with suppress(AttributeError):  # Python 3.11's, of TLS whose connection is lost already
                writer.transport.abort()

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        send: Callable[[asyncio.StreamWriter, bytes], None],
        peer: int,
    ) -> None:
        try:
            with suppress(OSError):
                while chunk := await reader.read(65536):
                    await self._hold(peer, chunk)
                    send(writer, chunk)
                    await writer.drain()
        finally:
            writer.close()

    def _send_late(self, writer: asyncio.StreamWriter, chunk: bytes) -> None:
        if self.delay and not self.frozen:
            self._loop.call_later(self.delay, writer.write, chunk)
        elif not self.frozen:
            writer.write(chunk)

    async def _close(self) -> None:
        self._server.close()
        carrying = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
        await asyncio.sleep(TURN)  # transports close their sockets in the loop's next turn
