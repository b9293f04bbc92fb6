"""Pages of other sites, served from an origin of their own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dev.stack.keeper import ROOT

PAGE = b"<!doctype html><meta charset=utf-8><title>A page</title><script src=/pusher.js></script><p id=facts></p>"
SCRIPTS = {
    "/pusher.js": ROOT / "dev/stack/node/node_modules/pusher-js/dist/web/pusher.min.js",
    "/browser-client.mjs": ROOT / "docs/howto/browser-client.mjs",
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        script = SCRIPTS.get(self.path)
        content, kind = (script.read_bytes(), "text/javascript") if script else (PAGE, "text/html")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


@contextmanager
def site() -> Iterator[str]:
    """The origin of a site with one page, which has pusher-js, and the documented client beside it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
