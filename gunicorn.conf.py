"""gunicorn's settings; PORT and WEB_CONCURRENCY it reads from the environment by itself."""

import gc
import os
import sys

from swag_goals.settings import GUNICORNS, SettingsError, read
from swag_goals.time_limits import KEEP_ALIVE, MAX_WEB_STOP

# Without a worker nobody would look at them, and gunicorn's own words do not always name them.
for name in GUNICORNS:
    try:
        read(os.environ, name)
    except SettingsError as error:
        sys.exit(f"swag_goals cannot start. {error}")

logger_class = "swag_goals.logs.GunicornLogger"
worker_class = "swag_goals.server.worker_class.Worker"
# A thread waits while a majority writes; without a majority it waits long.
threads = 16
# Of each worker; far fewer than the 1,024 files that many systems give a process.
worker_connections = 500
graceful_timeout = MAX_WEB_STOP.seconds
keepalive = KEEP_ALIVE.seconds
# Its control socket lies in HOME, which a platform may not have.
control_socket_disable = True
# Headers of proxies, which anybody can send, mean nothing: by themselves they set the scheme and the path, and
# those that contradict each other are refused.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
forwarded_allow_ips = ""


def pre_fork(_server: object, _worker: object) -> None:
    """What is in memory stays shared with the workers, 7 MB of each: their garbage collectors would write into it."""
    gc.freeze()
