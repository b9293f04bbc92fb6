"""gunicorn's worker: one loop for all connections, and threads for requests that are there as a whole.

gunicorn's settings for TLS, HTTP/2, access logs, hooks and `max_requests` mean nothing to it.
"""

import asyncio
import os
import re
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from gunicorn.workers import base

from swag_goals.server.connection import Connection
from swag_goals.server.exchange import answer
from swag_goals.time_limits import LINGER

# Taken from the kernel's queue at a time. With more, a rush of clients uses up the process' files before any is closed.
MAX_ACCEPTED = 32
TICK = 0.1  # seconds between two looks at the deadlines
# Of answers that clients do not read, in all. Bytes.
MAX_UNREAD = 32 * 1024 * 1024
# What the kernel keeps beside for each client; with more of it a slow one seems to stand still. Bytes.
SEND_BUFFER = 64 * 1024
# These have threads of their own, which wait for no other call. A platform restarts a process that does not answer its
# probes; and who is known at the door watches on while MongoDB holds up all calls that need it.
PROBES, PROBE_THREADS = (b"/healthz", b"/readyz"), 4
ADMISSION = b"/admission"
_OWN = re.compile(rb"[A-Z]+ (%b)[ ?/]" % b"|".join((*PROBES, ADMISSION)))


class Worker(base.Worker):  # type: ignore[misc]
    """A worker that no client holds up, however slow, silent or gone."""

    alive: bool

    def run(self) -> None:
        """Serve until SIGTERM, then finish what is begun."""
        #: All that are open; no more than `worker_connections`.
        self.connections: dict[Connection, None] = {}
        self._threads = {path: ThreadPoolExecutor(self.cfg.threads) for path in (b"", ADMISSION)}
        self._threads |= {path: ThreadPoolExecutor(PROBE_THREADS) for path in PROBES}
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        servers = []
        for listener in self.sockets:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            connection = partial(Connection, self)
            servers.append(await self._loop.create_server(connection, sock=listener.sock, backlog=MAX_ACCEPTED))
            listener.listen(self.cfg.backlog)
        while self.alive and self.ppid == os.getppid():
            await self._tick()
        self.alive = False
        for server in servers:
            server.close()  # from now on newcomers are refused
        stopped = self._loop.time()
        while self.connections and self._loop.time() < stopped + self.cfg.graceful_timeout:
            await self._tick(stopped)

    async def _tick(self, stopped: float = float("inf")) -> None:
        self.notify()
        await asyncio.sleep(TICK)
        now = self._loop.time()
        for connection in tuple(self.connections):
            # A request may be on its way to a stopping worker.
            last = max(stopped, connection.since) + LINGER.total_seconds() if connection.is_waiting else float("inf")
            if now > min(connection.deadline, last):
                connection.expire()

    def submit(self, connection: Connection) -> Future[None]:
        """Have a thread answer its request."""
        own = _OWN.match(connection.request)
        return self._threads[own[1] if own else b""].submit(self._answer, connection)

    def _answer(self, connection: Connection) -> None:
        done = answer(self, connection.request, connection.client, connection.server)
        self._loop.call_soon_threadsafe(connection.answered, *done)

    def admit(self, newcomer: Connection) -> None:
        """Keep one more. Where there is no room, the one that was last answered longest ago goes."""
        if len(self.connections) >= self.cfg.worker_connections:
            idle = [each for each in self.connections if not each.request]
            self.drop(min(idle, key=lambda each: each.since, default=newcomer))
        if not newcomer.transport.is_closing():
            self.connections[newcomer] = None

    def bound_unread(self) -> None:
        """Give up the clients that have been reading longest while too much is unread."""
        unread = {each: each.transport.get_write_buffer_size() for each in self.connections}
        over = sum(unread.values()) - MAX_UNREAD
        for each in sorted(filter(unread.get, unread), key=lambda each: each.since):
            if over > 0:
                over -= unread[each]
                self.drop(each)

    def drop(self, connection: Connection) -> None:
        """Close it, and forget what it was owed."""
        self.connections.pop(connection, None)
        connection.transport.abort()
