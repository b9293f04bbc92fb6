"""A real nginx in place of Caddy: the one in PATH, else Debian's package, unpacked and not installed."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev.stack.bundled import NotBundled
from dev.stack.folder import LOCAL, private_folder
from dev.stack.keeper import Program
from dev.stack.ports import Ports
from dev.stack.servers import answers_ok, log_of
from dev.stack.supervisor import Supervisor

PROGRAM = LOCAL / "nginx-debian"
HEAD = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/logs/{name}-errors.log;
worker_processes 1;
events {{}}
"""
CONFIG = """http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_max_temp_file_size 0;
    upstream swag_goals {{
        server {api};
        keepalive 32;
    }}
    server {{
        listen 127.0.0.1:{port};
        location /live/ {{
            auth_request /admission;
            proxy_pass   http://{origin};
        }}
        location = /admission {{
            internal;
            proxy_pass              http://swag_goals;
            proxy_http_version      1.1;
            proxy_set_header        Connection "";
            proxy_set_header        X-Original-URI $request_uri;
            proxy_set_header        X-Forwarded-Uri "";
            proxy_set_header        X-Admission-Secret "{secret}";
            proxy_pass_request_body off;
            proxy_set_header        Content-Length "";
            proxy_connect_timeout   1s;
            proxy_read_timeout      1s;
        }}
        location / {{
            proxy_pass       http://swag_goals;
            proxy_set_header Host $host;
        }}
    }}
}}
"""


@contextmanager
def nginx(settings: Mapping[str, str], origin: str) -> Iterator[str]:
    """Its address. The stream is under `/live/`, the service under everything else.

    :raises NotBundled: there is none, and Debian's package cannot be had.
    """
    with private_folder() as folder, Ports() as ports, Supervisor() as supervisor:
        port = ports.take()
        config = CONFIG.format(
            folder=folder,
            port=port,
            api=settings["API_URL"].removeprefix("http://"),
            origin=origin,
            secret=settings["ADMISSION_SECRET"],
        )
        supervisor.run(program("nginx", executable(), config, folder, lambda _: answers_ok(port, "/healthz")))
        yield f"http://127.0.0.1:{port}"


def program(name: str, executable: Path, config: str, folder: Path, ready: Callable[[int], bool]) -> Program:
    """This nginx with these blocks, which nobody else can read."""
    file = folder / f"{name}.conf"
    file.touch(0o600)
    file.write_text(HEAD.format(folder=folder, name=name) + config)
    command = (str(executable), "-c", str(file), "-p", str(folder), "-e", str(log_of(f"{name}-start", folder)))
    return Program(name, command, os.environ, log_of(name, folder), ready)


def executable() -> Path:
    """nginx; on the first call it may be brought from Debian into `.local`.

    :raises NotBundled: it cannot be.
    """
    if found := shutil.which("nginx"):
        return Path(found)
    if not PROGRAM.exists():
        try:
            with private_folder() as folder:
                subprocess.run(["apt-get", "download", "nginx"], cwd=folder, check=True, capture_output=True)
                for package in folder.glob("nginx_*.deb"):
                    subprocess.run(["dpkg", "-x", package, folder], check=True)
                (folder / "usr/sbin/nginx").rename(PROGRAM)
        except (OSError, subprocess.CalledProcessError):
            raise NotBundled("Debian's package nginx cannot be had here: install nginx, and run this again.") from None
    return PROGRAM
