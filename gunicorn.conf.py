"""gunicorn's settings; PORT and WEB_CONCURRENCY it reads from the environment by itself."""

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
# gthread, with refusals of its own.
worker_class = "swag_goals.server.worker_class.Worker"
# With it a client that reads nothing would hold a thread for ever: Python waits there without a time-out.
sendfile = False
# A thread waits while a majority writes; without a majority it waits long.
threads = 16
graceful_timeout = MAX_WEB_STOP.seconds
keepalive = KEEP_ALIVE.seconds
# Its control socket lies in HOME, which a platform may not have.
control_socket_disable = True
# By itself it would take the path's prefix from a header that anybody on this machine can send.
forwarder_headers = ""
