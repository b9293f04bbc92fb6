"""TLS in front of a local server, with a certificate that nobody vouches for, as platforms give it to Redis."""

import asyncio
import ssl
import threading
from contextlib import suppress
from types import TracebackType

import trustme

CHUNK = 65536  # bytes
TURN = 0.01  # seconds


class TlsProxy:
    """Context manager: connections to `port` of this machine go on to this host and port, without TLS."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        #: Who does vouch for it.
        self.ca = trustme.CA()
        self.ca.issue_cert("127.0.0.1").configure_cert(self._context)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls", daemon=True)
        self.port = 0

    def __enter__(self) -> "TlsProxy":
        self._thread.start()
        opening = asyncio.start_server(self._connect, "127.0.0.1", 0, ssl=self._context)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                target_reader, target_writer = await asyncio.open_connection(self._host, self._port)
                try:
                    await asyncio.gather(_carry(reader, target_writer), _carry(target_reader, writer))
                finally:
                    target_writer.transport.abort()  # also where both were cancelled before they began
        finally:
            writer.transport.abort()

    async def _close(self) -> None:
        self._server.close()
        carrying = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
        await asyncio.sleep(TURN)  # transports close their sockets in the loop's next turn


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                writer.write(chunk)
                await writer.drain()
    finally:
        writer.close()
