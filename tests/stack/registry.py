"""A registry of Python's and Node's packages on this machine, behind TLS by an authority that nobody knows."""

import base64
import hashlib
import io
import json
import ssl
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import trustme


@dataclass
class Registry:
    """What it serves, and whether and when."""

    ca: Path
    url: str = ""
    #: By path.
    files: dict[str, bytes] = field(default_factory=dict)
    #: Of paths that it refuses, with what status.
    refused: dict[str, int] = field(default_factory=dict)
    #: Those of paths that it keeps waiting: one is set once it was asked, the other lets it answer.
    held: dict[str, tuple[Event, Event]] = field(default_factory=dict)
    #: All that it was asked for.
    requests: list[str] = field(default_factory=list)

    @contextmanager
    def holding(self, path: str) -> Iterator[Event]:
        """Do not answer for this path; the event is set once it was asked for."""
        asked, answer = self.held[path] = Event(), Event()
        try:
            yield asked
        finally:
            answer.set()
            del self.held[path]

    def status(self, path: str) -> int:
        """How this path is answered, once it may be."""
        self.requests.append(path)
        if path in self.held:
            asked, answer = self.held[path]
            asked.set()
            answer.wait()
        return self.refused.get(path, 200 if path in self.files else 404)

    def add_wheel(self, name: str, version: str, files: Mapping[str, str]) -> str:
        """Serve a wheel of these executable files; the line of a lock for it."""
        content = wheel(name, version, files)
        file = f"{name}-{version}-py3-none-any.whl"
        self.files[f"/simple/{name.replace('_', '-')}/"] = f'<a href="{file}">{file}</a>'.encode()
        self.files[f"/simple/{name.replace('_', '-')}/{file}"] = content
        return f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"

    def add_node_package(self, name: str, version: str) -> dict[str, str]:
        """Serve a package of npm; what a lock says of it."""
        content = tarball(name, version)
        integrity = f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"
        dist = {"tarball": f"{self.url}/npm/{name}-{version}.tgz", "integrity": integrity}
        versions = {version: {"name": name, "version": version, "dist": dist}}
        self.files[f"/npm/{name}"] = json.dumps({"name": name, "versions": versions}).encode()
        self.files[f"/npm/{name}-{version}.tgz"] = content
        return {"version": version, "integrity": integrity}


class Server(ThreadingHTTPServer):
    """Serves what the registry has."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.registry = registry

    def handle_error(self, *_: object) -> None:
        """A client that does not trust us hangs up."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        status = self.server.registry.status(self.path)
        content = self.server.registry.files[self.path] if status == 200 else b""
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[Registry]:
    """An empty registry; its authority's certificate is in the folder."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    registry = Registry(folder / "authority.pem")
    authority.cert_pem.write_to_path(str(registry.ca))
    with Server(registry) as server:
        # Or one slow handshake would keep all others waiting.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        registry.url = f"https://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()


def wheel(name: str, version: str, files: Mapping[str, str]) -> bytes:
    """A wheel of these executable files."""
    info = f"{name}-{version}.dist-info"
    about = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD"
    about[record] = "".join(f"{path},,\n" for path in [*files, *about, record])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for path, text in {**files, **about}.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100755 << 16
            packed.writestr(entry, text)
    return archive.getvalue()


def tarball(name: str, version: str) -> bytes:
    """A package of npm that is nothing but its name."""
    text = json.dumps({"name": name, "version": version}).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as packed:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(text)
        packed.addfile(entry, io.BytesIO(text))
    return archive.getvalue()
