"""A real Caddy in front of the stream and the service: it asks before each playlist and segment."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev.stack import bundled
from dev.stack.folder import private_folder
from dev.stack.keeper import Program
from dev.stack.ports import Ports
from dev.stack.servers import answers_ok, log_of
from dev.stack.supervisor import Supervisor

# The question mark keeps the viewer's own query out of what is asked; without the time-out a silent gate hangs players.
CADDYFILE = """{
	admin off
	auto_https off
}
http://127.0.0.1:%(port)s {
	handle /live/* {
		forward_auth %(api)s {
			uri /admission?
			header_up X-Admission-Secret {$ADMISSION_SECRET}
			transport http {
				response_header_timeout 1s
			}
		}
		reverse_proxy %(origin)s
	}
	handle {
		reverse_proxy %(api)s
	}
}
"""


@contextmanager
def proxy(settings: Mapping[str, str], origin: str) -> Iterator[str]:
    """Its address. The stream is under `/live/`, the service under everything else.

    :raises NotBundled: there is no Caddy for this platform.
    """
    with private_folder() as folder, Ports() as ports, Supervisor() as supervisor:
        port = ports.take()
        supervisor.run(caddy(port, settings, origin, folder))
        yield f"http://127.0.0.1:{port}"


def caddy(port: int, settings: Mapping[str, str], origin: str, folder: Path) -> Program:
    """Caddy on this port."""
    api = settings["API_URL"].removeprefix("http://")
    file = folder / "Caddyfile"
    file.write_text(CADDYFILE % {"port": port, "api": api, "origin": origin})
    environment = {
        "ADMISSION_SECRET": settings["ADMISSION_SECRET"],
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
    }
    command = (executable(), "run", "--adapter", "caddyfile", "--config", str(file))
    return Program("caddy", command, environment, log_of("caddy", folder), lambda _: answers_ok(port, "/healthz"))


def executable() -> str:
    """The Caddy that came with the packages of the tests.

    :raises NotBundled: it is not there.
    """
    if path := bundled.find("caddyserver", "../.data/scripts/caddy"):
        return path
    raise bundled.NotBundled("Caddy is bundled for Linux on x86-64 alone, and comes with `make setup`.")
