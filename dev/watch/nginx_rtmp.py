"""A real nginx-rtmp that asks before it plays, and again while it plays."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev.stack.folder import private_folder
from dev.stack.ports import Ports
from dev.stack.servers import accepts
from dev.stack.supervisor import Supervisor
from dev.watch.nginx import program

UPDATE = 2  # seconds from one question to the next
CONFIG = """rtmp {{
    access_log off;
    notify_update_timeout {update}s;
    server {{
        listen 127.0.0.1:{port};
        application live {{
            live on;
            on_play   {api}/admission/nginx-rtmp?secret={secret};
            on_update {api}/admission/nginx-rtmp?secret={secret};
        }}
    }}
}}
"""


@contextmanager
def nginx_rtmp(settings: Mapping[str, str], executable: Path) -> Iterator[str]:
    """Where streams are sent to and played from: its address with `/live`."""
    with private_folder() as folder, Ports() as ports, Supervisor() as supervisor:
        port = ports.take()
        api, secret = settings["API_URL"], settings["ADMISSION_SECRET"]
        config = CONFIG.format(update=UPDATE, port=port, api=api, secret=secret)
        supervisor.run(program("nginx-rtmp", executable, config, folder, lambda _: accepts(port)))
        yield f"rtmp://127.0.0.1:{port}/live"
