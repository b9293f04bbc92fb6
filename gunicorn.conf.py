"""gunicorn's settings; PORT and WEB_CONCURRENCY it reads from the environment by itself."""

# gthread, with refusals of its own.
worker_class = "swag_goals.api.gunicorn_worker.Worker"
# A thread waits while a majority writes; without a majority it waits long.
threads = 16
# Longer than the longest answer, so that a restart cuts off nothing that was accepted.
graceful_timeout = 9
keepalive = 30
# Its control socket lies in HOME, which a platform may not have.
control_socket_disable = True
# By itself it would take the path's prefix from a header that anybody on this machine can send.
forwarder_headers = ""
