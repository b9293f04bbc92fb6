"""A server that takes Pusher's batch calls, and can be made to fail as Pusher can."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Batch = list[dict[str, Any]]


class PusherSink:
    """Context manager. `answer` gives the status of each call; None hangs up instead."""

    def __init__(self) -> None:
        self.answer: Callable[[Batch], int | None] = lambda batch: 200
        self.body = b"{}"
        self.headers: dict[str, str] = {}
        self.keeps_connections = True
        #: The events of each call that was accepted.
        self.batches: list[Batch] = []
        #: How often somebody connected.
        self.connections = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Its PUSHER_URL."""
        return f"http://key:secret@127.0.0.1:{self._server.server_port}/apps/1"

    @property
    def events(self) -> Batch:
        """All accepted events, their data decoded."""
        return [event | {"data": json.loads(event["data"])} for batch in self.batches for event in batch]

    def __enter__(self) -> "PusherSink":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.socket.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                sink.connections += 1

            def do_POST(self) -> None:
                batch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["batch"]
                status = sink.answer(batch)
                if status is None:
                    self.close_connection = True
                    return
                if status == 200:
                    sink.batches.append(batch)
                self.send_response(status)
                self.send_header("Content-Length", str(len(sink.body)))
                for header in sink.headers.items():
                    self.send_header(*header)
                with suppress(ConnectionError):  # who called has given up
                    self.end_headers()
                    self.wfile.write(sink.body)
                self.close_connection = not sink.keeps_connections

            def log_message(self, *_: Any) -> None: ...

        return Handler
