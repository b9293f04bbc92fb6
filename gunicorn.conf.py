"""gunicorn's settings; PORT and WEB_CONCURRENCY it reads from the environment by itself."""

worker_class = "gthread"
# A thread waits while a majority writes; without a majority it waits long.
threads = 16
# Longer than the longest answer, so that a restart cuts off nothing that was accepted.
graceful_timeout = 9
keepalive = 30
# Its control socket lies in HOME, which a platform may not have.
control_socket_disable = True
