"""A web of gunicorn's, and what its clients do."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.stack import procfile
from dev.stack.keeper import Program
from dev.stack.ports import Ports
from dev.stack.servers import answers_ok
from dev.stack.supervisor import Supervisor
from tests.api.client import TIMEOUT, Answer, read_any
from tests.server.app import LOADED

LINE = "gunicorn 'tests.server.app:load()'"


def get(path: str, *headers: str, body: str = "") -> bytes:
    """A request."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", body]).encode("latin1")


@dataclass(frozen=True)
class Web:
    """A running one."""

    port: int
    supervisor: Supervisor
    log: Path

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        """A new client; with a small buffer the kernel receives little that the client does not read."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(TIMEOUT)
        try:
            client.connect(("127.0.0.1", self.port))
        except OSError:
            client.close()
            raise
        return client

    def ask(self, raw: bytes) -> Answer:
        """The answer to a new client's request."""
        with self.connect() as client:
            return use(client, raw)

    def seconds_for(self, raw: bytes, times: int) -> list[float]:
        """How long the answers to so many new clients took, shortest first."""
        return sorted(self._seconds_for(raw) for _ in range(times))

    @property
    def pid(self) -> int:
        """Its first process."""
        pid = self.supervisor.pid("web")
        assert pid
        return pid

    def is_running(self) -> bool:
        """Whether its first process has not ended."""
        return self.supervisor.pid("web") is not None

    def stop(self, *, group: bool = False) -> None:
        """SIGTERM to its first process, or to all of them at once, as Heroku sends it."""
        (os.killpg if group else os.kill)(self.pid, signal.SIGTERM)

    def _seconds_for(self, raw: bytes) -> float:
        began = time.monotonic()
        assert self.ask(raw).status == 200
        return time.monotonic() - began


def use(client: socket.socket, raw: bytes) -> Answer:
    """The answer to a request of this client."""
    client.sendall(raw)
    return read_any(client, raw)


@contextmanager
def running(folder: Path, *options: str, workers: int = 1, files: int = 1024) -> Iterator[Web]:
    """A web with these options above gunicorn.conf.py, which may open so many files."""
    with ExitStack() as stack:
        port = stack.enter_context(Ports()).take()
        log = folder / "web.log"
        environment = procfile.environment({"WEB_CONCURRENCY": str(workers)})
        line = f"ulimit -n {files}; exec {LINE} --bind 127.0.0.1:{port} {' '.join(options)}"
        supervisor = stack.enter_context(Supervisor())

        def ready(_pid: int) -> bool:
            return answers_ok(port, "/") and log.read_text().count(LOADED) == workers

        supervisor.run(Program("web", ("sh", "-c", line), environment, log, ready, restart=False))
        yield Web(port, supervisor, log)
