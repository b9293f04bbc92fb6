"""A live HLS stream: one second of video, made once with x264, looped for ever by its place in time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

FOLDER = Path(__file__).parent
INIT, SEGMENT = (FOLDER / "init.mp4").read_bytes(), (FOLDER / "segment.m4s").read_bytes()
TIMESCALE = 10_240  # in a second, as the init segment says
LISTED = 6  # segments, of a second each
# Where the segment says when it begins: behind the name of its box, its version and its flags.
BEGINS = slice(SEGMENT.index(b"tfdt") + 8, SEGMENT.index(b"tfdt") + 16)


@contextmanager
def origin() -> Iterator[str]:
    """Its address, where it asks nobody who may watch: `/live/{anything}/index.m3u8`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    began = time.monotonic() - LISTED

    def do_GET(self) -> None:
        """Send the playlist, the init segment or the segment of a number."""
        name = self.path.partition("?")[0].rpartition("/")[2]
        kind, body = ("application/vnd.apple.mpegurl", self._playlist()) if "m3u8" in name else ("video/mp4", INIT)
        if name.endswith(".m4s"):
            body = segment(int(name.removesuffix(".m4s")))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def _playlist(self) -> bytes:
        last = int(time.monotonic() - self.began)
        numbers = range(last - LISTED, last)
        head = ("#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:1", f"#EXT-X-MEDIA-SEQUENCE:{numbers[0]}")
        lines = (line for number in numbers for line in ("#EXTINF:1.0,", f"{number}.m4s"))
        return "\n".join((*head, '#EXT-X-MAP:URI="init.mp4"', *lines, "")).encode()

    def log_message(self, *_: object) -> None:
        """Nothing is logged: tickets stand in addresses."""


def segment(number: int) -> bytes:
    """The same pictures, to be shown from that second on."""
    begins = (number * TIMESCALE).to_bytes(8, "big")
    return SEGMENT[: BEGINS.start] + begins + SEGMENT[BEGINS.stop :]
